import type { SshConfigLine } from './ssh-config-line.ts'
import type { Condition } from './ssh-config-match.ts'

/** The lines below a `Host` or `Match` line; those before the first hold for all hosts. */
export interface Block {
  readonly condition: Condition
  /** The names that a `Host` line spells out. */
  readonly names: readonly string[]
  /** It is for no other host than `names`. */
  readonly isForNamesAlone: boolean
  readonly items: readonly Item[]
}

/** A line, or the blocks of an included file: they hold only where the block they stand in does. */
export type Item = SshConfigLine | { readonly included: Blocks }

/** The blocks of one file, in order. Of ten thousand hosts, each is asked about a handful of them. */
export class Blocks {
  readonly all: readonly Block[]
  /** `Match final` stands in one of them, whether it holds or not: every host is looked up twice. */
  readonly wantsFinal: boolean
  readonly #general: number[] = []
  readonly #byName = new Map<string, number[]>()

  constructor(all: readonly Block[]) {
    this.all = all
    this.wantsFinal = all.some(
      ({ condition, items }) =>
        condition.wantsFinal || items.some((item) => 'included' in item && item.included.wantsFinal),
    )
    for (const [at, { isForNamesAlone, names }] of all.entries()) {
      if (!isForNamesAlone) this.#general.push(at)
      else for (const name of new Set(names)) this.#byName.set(name, [...(this.#byName.get(name) ?? []), at])
    }
  }

  /** Those that may hold for the name, in order. */
  about(name: string): Block[] {
    const own = this.#byName.get(name) ?? []
    const places = own.length === 0 ? this.#general : [...this.#general, ...own].sort((a, b) => a - b)
    return places.flatMap((at) => this.all[at] ?? [])
  }

  /** Every name that a `Host` line spells out, those of included files too. */
  names(): string[] {
    return this.all.flatMap(({ names, items }) => [
      ...names,
      ...items.flatMap((item) => ('included' in item ? item.included.names() : [])),
    ])
  }
}
