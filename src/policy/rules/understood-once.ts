import type { Grammars } from '../grammar.ts'
import { understand } from '../shell/understand.ts'
import type { Understanding } from '../understanding.ts'

/** One command for many hosts is asked about for each of them, a call that runs whenever rules change, and the past again and again. */
const MOST_KEPT = 8_192
/** Together. */
const MOST_CHARACTERS = 1_048_576

interface Kept {
  readonly byCommand: Map<string, Understanding>
  characters: number
}

const kept = new WeakMap<Grammars, Kept>()

/** The same as `understand`, found out once for a command that is asked about again and again. */
export function understoodOnce(command: string, grammars: Grammars): Understanding {
  const own = kept.get(grammars) ?? { byCommand: new Map(), characters: 0 }
  kept.set(grammars, own)
  const before = own.byCommand.get(command)
  if (before !== undefined) return before
  const found = understand(command, grammars)
  own.byCommand.set(command, found)
  own.characters += command.length
  for (const [oldest] of own.byCommand) {
    if (own.byCommand.size <= MOST_KEPT && own.characters <= MOST_CHARACTERS) break
    own.byCommand.delete(oldest)
    own.characters -= oldest.length
  }
  return found
}
