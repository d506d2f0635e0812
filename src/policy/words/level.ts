import { type Dashless, type Operand, type Syntax, type ValueKind, wordsOf } from '../grammar.ts'

/** One level of a grammar, ready to look words up in. */
export interface Level {
  readonly syntax: Syntax
  readonly flags: ReadonlySet<string>
  readonly options: ReadonlyMap<string, ValueKind>
  readonly optional: ReadonlyMap<string, ValueKind>
  readonly subcommands: ReadonlyMap<string, Syntax> | undefined
  readonly needs: readonly (readonly string[])[]
  readonly reads: readonly string[]
  readonly below: true | readonly string[]
  readonly dashless: DashlessLevel | undefined
}

export interface DashlessLevel {
  readonly where: Dashless['where']
  readonly flags: string
  readonly options: Readonly<Record<string, ValueKind>>
}

const known = new WeakMap<Syntax, Level>()

export function levelOf(syntax: Syntax): Level {
  const before = known.get(syntax)
  if (before !== undefined) return before
  const level: Level = {
    syntax,
    flags: new Set(wordsOf(syntax.flags)),
    options: byName(syntax.options),
    optional: byName(syntax.optional),
    subcommands: syntax.subcommands && byName(syntax.subcommands),
    needs: (syntax.needs ?? []).map(wordsOf),
    reads: wordsOf(syntax.reads),
    below: syntax.below === true ? true : wordsOf(syntax.below),
    dashless: syntax.dashless && { options: {}, ...syntax.dashless },
  }
  known.set(syntax, level)
  return level
}

function byName<T>(table: Readonly<Record<string, T>> = {}): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(table).flatMap(([names, value]) => wordsOf(names).map((name) => [name, value] as const)),
  )
}

/** The operands that there may be, given the options that are there. */
export function operandsOf(syntax: Syntax, seen: ReadonlySet<string>): readonly Operand[] {
  const isAny = (names: string) => wordsOf(names).some((name) => seen.has(name))
  return (syntax.operands ?? []).filter(
    (operand) =>
      (operand.unless === undefined || !isAny(operand.unless)) &&
      (operand.if === undefined || isAny(operand.if)),
  )
}
