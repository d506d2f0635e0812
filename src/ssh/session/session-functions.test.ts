import { expect, test } from 'vitest'
import { functionDefinitions } from './session-functions.ts'

const cases: [string, string, Record<string, string>][] = [
  ['a body in braces', 'f() { echo a; }; f', { f: 'f() { echo a; }' }],
  ['a body in a subshell', 'f() (cd /; pwd)\necho', { f: 'f() (cd /; pwd)' }],
  ['blanks and newlines before the body', 'f ( )\n\n{\n :\n}', { f: 'f ( )\n\n{\n :\n}' }],
  ['nested braces', 'f() { { a; }; { b; }; }', { f: 'f() { { a; }; { b; }; }' }],
  ['a brace in quotes', `f() { echo '}' "}" \\} a}b; }`, { f: `f() { echo '}' "}" \\} a}b; }` }],
  ['a brace as an argument', 'f() { echo }; }', { f: 'f() { echo }; }' }],
  [
    'expansions',
    `f() { echo "\${x:-"}"}" $(echo ')' "}") \`echo }\`; }`,
    { f: `f() { echo "\${x:-"}"}" $(echo ')' "}") \`echo }\`; }` },
  ],
  ['a comment with a brace', 'f() { # }\n:\n}', { f: 'f() { # }\n:\n}' }],
  ['a here-document', "f() {\ncat <<'E'\n}\nE\n}", { f: "f() {\ncat <<'E'\n}\nE\n}" }],
  ['a here-document with tabs', 'f() {\ncat <<-E\n\t}\n\tE\n}', { f: 'f() {\ncat <<-E\n\t}\n\tE\n}' }],
  [
    'a case with bare patterns',
    'f() { case $1 in a|b) x ;; (c) y; esac; }',
    { f: 'f() { case $1 in a|b) x ;; (c) y; esac; }' },
  ],
  [
    'a case over lines',
    'f() {\ncase x\nin\n*) :;;\nesac\n}\ng() { :; }',
    { f: 'f() {\ncase x\nin\n*) :;;\nesac\n}', g: 'g() { :; }' },
  ],
  ['a loop', 'f() { for i in 1; do echo done; done; }', { f: 'f() { for i in 1; do echo done; done; }' }],
  ['a definition inside a branch', 'if true; then f() { :; }; fi', { f: 'f() { :; }' }],
  ['a definition inside a function', 'f() { g() { :; }; }', { f: 'f() { g() { :; }; }', g: 'g() { :; }' }],
  ['the later of two', 'f() { a; }; f() { b; }', { f: 'f() { b; }' }],
  ['an if as the body', 'f() if true; then :; fi', { f: 'f() if true; then :; fi' }],
  ['words that look like one', `echo f() 'f() { :; }' "f() { :; }" # f() { :; }`, {}],
  ['a here-document that holds one', 'cat <<E\nf() { :; }\nE', {}],
  ['a definition without an end', 'f() { echo', {}],
  ['an argument', 'echo f () { :; }', {}],
]

test.each(cases)('%s', (_name, command, expected) => {
  const found = functionDefinitions(command).map(({ name, text }) => [name, text])
  expect(Object.fromEntries(found)).toEqual(expected)
})

test('reads 100 kB of anything without trouble', () => {
  for (const text of ['f(){ ', '"$(', '((((', "'", '<<E\n', 'case x in ', '${'])
    expect(Array.isArray(functionDefinitions(text.repeat(100_000 / text.length)))).toBe(true)
})
