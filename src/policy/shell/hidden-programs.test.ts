import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import { programOf } from '../program-name.ts'
import { spelled } from '../words/judgement.ts'
import { understand } from './understand.ts'

const grammars = grammarsOf(BUILT_IN)

/** Whether `canary` is told as a program that may be started, or the whole is not understood. */
function isSeen(command: string): boolean {
  const understanding = understand(command, grammars)
  if (understanding.kind === 'opaque') return true
  return understanding.parts.some(({ argv }) => programOf(spelled(argv[0])) === 'canary')
}

function isRead(command: string): boolean {
  const understanding = understand(command, grammars)
  return understanding.kind === 'understood' && understanding.parts.every((part) => part.class === 'read')
}

/** Where a program can stand in a command, for `@`. */
const PLACES = [
  '@',
  'ls; @',
  'ls & @',
  'ls && @',
  'ls || @',
  'ls | @',
  'ls |& @',
  '! @',
  'time @',
  'time -p @',
  '(@)',
  '{ @; }',
  'if @; then ls; fi',
  'if ls; then @; fi',
  'if ls; then ls; elif @; then ls; fi',
  'if ls; then ls; elif ls; then @; fi',
  'if ls; then ls; else @; fi',
  'while @; do ls; done',
  'while ls; do @; done',
  'until ls; do @; done',
  'for x in a; do @; done',
  'for ((;;)); do @; done',
  'select x in a; do @; done',
  'case x in a) @;; esac',
  'case x in a) ls;& b) @;; esac',
  'f() { @; }',
  'f() (@)',
  'function f { @; }',
  'coproc @',
  'coproc N { @; }',
  "sh -c '@'",
  'bash -c "@"',
  "sh -ec '@'",
  "sh -c '@' x y",
  "eval '@'",
  'eval @',
  "su -c '@'",
  "su root -c '@'",
  "sudo sh -c '@'",
  "timeout 5 sh -c '@'",
  "find . -exec sh -c '@' \\;",
  "xargs sh -c '@'",
  'command @',
  'timeout 5 @',
  'nice @',
  'env @',
  'env A=b @',
  'sudo @',
  'sudo A=b @',
  'xargs @',
  'find . -exec @ \\;',
  'find . -execdir @ {} +',
  'timeout 5 nice env sudo @',
  'A=b @',
  '>/dev/null @',
  '2>/tmp/x @ x',
  'l\\\ns; @',
  'ls\n@',
  'ls # comment\n@',
  '/usr/bin/canary',
  'c"an"ary',
  "'canary' x",
  '\\canary',
]

/** Where a command can stand in a word, for `@`. */
const WORDS = [
  'ls @',
  'ls "@"',
  'ls a@b',
  'ls "a@b"',
  'ls -@',
  'ls --include=@',
  '@',
  'A=@',
  'A=@ ls',
  'A+=@',
  'A=(a @)',
  'A[@]=x',
  'declare A=@',
  'export A="@"',
  'ls >@',
  'ls 2>>@',
  'ls <@',
  'ls <<<@',
  'ls <<< "a @"',
  'ls <<E\n@\nE',
  'ls <<-E\n\ta @\n\tE',
  'ls ${x:-@}',
  'ls "${x:-@}"',
  'ls ${x:=@}',
  'ls ${x+@}',
  'ls ${x#@}',
  'ls ${x%%@}',
  'ls ${x/@/y}',
  'ls ${x//y/@}',
  'ls ${x:@}',
  'ls ${x:1:@}',
  'ls ${x^@}',
  'ls ${x[@]}',
  'ls $((1+@))',
  'ls "$((1+@))"',
  'ls $((a[@]))',
  '((x=@))',
  'let x=@',
  'for x in @; do ls; done',
  'for ((i=@;;)); do ls; done',
  'for ((;;i=@)); do ls; done',
  'select x in @; do ls; done',
  'case @ in a) ls;; esac',
  'case x in @) ls;; esac',
  '[[ -n @ ]]',
  '[[ a == @ ]]',
  '[[ ! ( a && -n @ ) ]]',
  '[[ 1 -eq @ ]]',
  'ls {a,@}',
  'ls @(a|@)',
  'ls [@]',
  'ls $"@"',
  'ls ~@',
  '{ ls; } >@',
  'if ls; then ls; fi <@',
  'f() { ls; } >@',
  'ls $(echo @)',
  'ls "$(echo "@")"',
  'ls <(@; ls)',
  'coproc time A=(a @)',
]

const SUBSTITUTIONS = ['$(canary)', '`canary`', '$(ls; canary x)', '"$(canary)"']

describe('no program is hidden', () => {
  test.each(PLACES)('in %s', (place) => {
    const command = place.replaceAll('@', 'canary')
    expect(isSeen(command)).toBe(true)
    expect(isRead(command)).toBe(false)
  })

  test.each(WORDS)('in the word of %s', (place) => {
    for (const substitution of SUBSTITUTIONS) {
      const command = place.replaceAll('@', substitution)
      expect(isSeen(command), command).toBe(true)
      expect(isRead(command), command).toBe(false)
    }
  })

  test('in any of those within any of those', () => {
    const outer = fc.constantFrom(
      ...PLACES.filter(
        (place) =>
          place.includes('@') && !/'@'|"@"|eval|\\\\;|[xo] @|env|nice|timeout|sudo|command|-c/.test(place),
      ),
    )
    const inner = fc.constantFrom(...WORDS)
    fc.assert(
      fc.property(
        fc.array(outer, { maxLength: 4 }),
        inner,
        fc.constantFrom('$(canary)', '`canary`'),
        (around, word, substitution) => {
          const command = around.reduce(
            (all, place) => place.replace('@', () => all),
            word.replaceAll('@', substitution),
          )
          expect(isSeen(command), command).toBe(true)
          expect(isRead(command), command).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('and no text makes it throw, or is read with something in it that only a shell understands', () => {
    const pieces = fc.constantFrom(
      ...[
        'ls',
        ' ',
        ' ',
        '-l',
        'rm',
        '$',
        '(',
        ')',
        '{',
        '}',
        '`',
        '"',
        "'",
        '\\',
        ';',
        '&',
        '|',
        '<',
        '>',
        '\n',
        '#',
        '!',
        '*',
        '[',
        ']',
        '=',
        '~',
        'if',
        'then',
        'fi',
        'do',
        'done',
        'for',
        'case',
        'esac',
        'in',
        'EOF',
        '<<',
        'a',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (some) => {
        const command = some.join('')
        const understanding = understand(command, grammars)
        if (understanding.kind === 'opaque' || !understanding.parts.every((part) => part.class === 'read'))
          return
        expect(understanding.script).toBeDefined()
        for (const { argv } of understanding.parts)
          expect(
            argv.some((word) => word.kind === 'unknown'),
            command,
          ).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('no text is understood', () => {
  test.each([
    ['NUL', 'ls\0-l', 'U+0000'],
    ['a carriage return', 'ls\rrm', 'U+000D'],
    ['an escape', 'ls \x1b[0m', 'U+001B'],
    ['a C1 control', 'ls \x9b', 'U+009B'],
    ['a no-break space', 'ls\u00a0-l', 'U+00A0'],
    ['an ideographic space', 'ls\u3000-l', 'U+3000'],
    ['a line separator', 'ls\u2028rm', 'U+2028'],
    ['a zero-width space', 'l\u200bs', 'U+200B'],
    ['a zero-width joiner', 'l\u200ds', 'U+200D'],
    ['a byte order mark', '\ufeffls', 'U+FEFF'],
    ['a right-to-left override', 'ls \u202egol', 'U+202E'],
    ['a right-to-left isolate', 'ls \u2067gol', 'U+2067'],
    ['a soft hyphen', 'l\u00ads', 'U+00AD'],
    ['a variation selector', 'l\ufe0fs', 'U+FE0F'],
    ['a Hangul filler', 'ls \u3164', 'U+3164'],
    ['an empty Braille pattern', 'ls \u2800', 'U+2800'],
    ['a tag character', 'ls \u{e0041}', 'U+E0041'],
    ['half a character', 'ls \ud800', 'U+D800'],
    ['a private character', 'ls \ue000', 'U+E000'],
  ])('with %s, and its number is told', (_title, command, number) => {
    expect(understand(command, grammars)).toEqual({
      kind: 'opaque',
      why: `it has a character that is not shown as it is: ${number}`,
    })
  })

  test.each([
    ['an open quote', "ls 'a"],
    ['an open substitution', 'ls $(a'],
    ['an open group', '(ls'],
    ['an open block', 'if ls; then ls'],
    ['a stray end', 'ls; done'],
    ['a redirection to nothing', 'ls >'],
    ['nothing in it', ' \n# a comment\n'],
  ])('with %s', (_title, command) => {
    expect(understand(command, grammars).kind).toBe('opaque')
  })

  test('of more than 64 KB', () => {
    expect(understand(`ls ${'a'.repeat(65_534)}`, grammars).kind).toBe('opaque')
    expect(understand(`ls ${'ä'.repeat(33_000)}`, grammars).kind).toBe('opaque')
    expect(understand(`ls ${'a'.repeat(65_000)}`, grammars).kind).toBe('understood')
  })

  test('while letters of any language are understood', () => {
    expect(isRead("grep -i 'Größe 大きさ حجم' /var/log/syslog")).toBe(true)
  })
})
