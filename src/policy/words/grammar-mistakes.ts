import { type Grammar, namesOf, type Operand, type Syntax, type ValueKind, wordsOf } from '../grammar.ts'
import { patternMistake } from './values.ts'

export interface GrammarMistake {
  readonly path: readonly (string | number)[]
  /** What is wrong, to follow "must". */
  readonly must: string
}

const PROGRAM = /^[\w[.+][\w.+:@-]*$/
const OPTION = /^-(?:-?[A-Za-z0-9?][\w.+-]*|[!#$%&@?])$/
const VARIABLE = /^[A-Za-z_]\w*$/

/** What is wrong with a grammar beyond the shape of its data; the same for the built-in ones and for those of operators. */
export function grammarMistakes(grammar: Grammar): readonly GrammarMistake[] {
  const found: GrammarMistake[] = []
  const names = namesOf(grammar)
  if (names.length === 0 || !names.every((name) => PROGRAM.test(name)))
    found.push({ path: ['program'], must: 'be the name of a program, or several with spaces between them' })
  for (const name of Object.keys(grammar.environment ?? {}))
    if (!VARIABLE.test(name))
      found.push({ path: ['environment', name], must: 'be the name of a variable: letters, digits and _' })
  if (grammar.inherit !== undefined) found.push({ path: ['inherit'], must: 'only stand in a subcommand' })
  ofSyntax(grammar, [], new Set(), found)
  return found
}

function ofSyntax(
  syntax: Syntax,
  path: readonly (string | number)[],
  outer: ReadonlySet<string>,
  found: GrammarMistake[],
): void {
  const complain = (key: readonly (string | number)[], must: string) =>
    void found.push({ path: [...path, ...key], must })
  const known = new Set([...(syntax.inherit === true ? outer : []), ...ownOptions(syntax, complain)])
  const isKnown = (key: readonly (string | number)[], text: string) => {
    const stranger = wordsOf(text).find((name) => !known.has(name))
    if (stranger !== undefined || wordsOf(text).length === 0)
      complain(
        key,
        `name options that are listed here${stranger === undefined ? '' : `; ${stranger} is not`}`,
      )
  }
  for (const [i, pattern] of (syntax.words ?? []).entries()) checkKind(pattern, ['words', i], complain)
  for (const [i, names] of (syntax.needs ?? []).entries()) isKnown(['needs', i], names)
  if (typeof syntax.below === 'string') isKnown(['below'], syntax.below)
  for (const [i, operand] of (syntax.operands ?? []).entries()) {
    checkKind(operand.is, ['operands', i, 'is'], complain)
    if (operand.is === 'command') complain(['operands', i, 'is'], 'not be command: see runs')
    if (operand.unless !== undefined) isKnown(['operands', i, 'unless'], operand.unless)
    if (operand.if !== undefined) isKnown(['operands', i, 'if'], operand.if)
  }
  checkShape(syntax, complain)
  for (const [names, inner] of Object.entries(syntax.subcommands ?? {})) {
    if (!wordsOf(names).every((name) => /^\w[\w.:+-]*$/.test(name)) || wordsOf(names).length === 0)
      complain(['subcommands', names], 'be a name, or several with spaces between them')
    ofSyntax(inner, [...path, 'subcommands', names], known, found)
  }
}

type Complain = (key: readonly (string | number)[], must: string) => void

function ownOptions(syntax: Syntax, complain: Complain): readonly string[] {
  const tables = [
    ['options', syntax.options],
    ['optional', syntax.optional],
  ] as const
  for (const [key, table] of tables)
    for (const [names, kind] of Object.entries(table ?? {})) checkKind(kind, [key, names], complain)
  const listed = [
    ...wordsOf(syntax.flags).map((name) => ({ name, key: ['flags'] })),
    ...tables.flatMap(([key, table]) =>
      Object.keys(table ?? {}).flatMap((names) =>
        wordsOf(names).map((name) => ({ name, key: [key, names] })),
      ),
    ),
  ]
  const seen = new Set<string>()
  for (const { name, key } of listed) {
    if (!OPTION.test(name)) complain(key, `list options; ${name} is none`)
    else if (seen.has(name)) complain(key, `list ${name} once`)
    else if (syntax.bundles !== false && /^-[^-]./.test(name))
      complain(key, `not list ${name}: with one dash it would be several letters; see bundles`)
    seen.add(name)
  }
  return [...seen, ...dashlessLetters(syntax, complain)]
}

function dashlessLetters({ dashless }: Syntax, complain: Complain): readonly string[] {
  if (dashless === undefined) return []
  for (const [letter, kind] of Object.entries(dashless.options ?? {})) {
    if (letter.length !== 1) complain(['dashless', 'options', letter], 'be one letter')
    checkKind(kind, ['dashless', 'options', letter], complain)
  }
  return [...dashless.flags, ...Object.keys(dashless.options ?? {})].map((letter) => `-${letter}`)
}

function checkKind(kind: ValueKind, key: readonly (string | number)[], complain: Complain): void {
  if (typeof kind !== 'string' || !kind.startsWith('/')) return
  const mistake = patternMistake(kind)
  if (mistake !== undefined) complain(key, `be an RE2 pattern: ${mistake}`)
}

function checkShape(syntax: Syntax, complain: Complain): void {
  const { operands = [], subcommands, runs, bare } = syntax
  if (subcommands !== undefined && operands.length > 0)
    complain(['operands'], 'not stand beside subcommands: each subcommand has its own')
  if (bare !== undefined && subcommands === undefined && runs === undefined)
    complain(['bare'], 'only stand beside subcommands or runs')
  if (runs !== undefined && !operands.every(({ count = 'one' }: Operand) => count === 'one'))
    complain(['operands'], 'each be there once, beside runs')
  if (
    operands.filter(({ count }) => count === 'some' || count === 'any').length > 1 &&
    !operands.every(hasCondition)
  )
    complain(['operands'], 'have only one that may be there several times')
}

function hasCondition({ count, unless, if: condition }: Operand): boolean {
  return !(count === 'some' || count === 'any') || unless !== undefined || condition !== undefined
}
