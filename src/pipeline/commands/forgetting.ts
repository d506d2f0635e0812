import type { Command } from './command.ts'
import { hasKey } from './idempotency.ts'

/** Which ended commands are forgotten, of all in the order in which they began. */

export function endedBefore(commands: Iterable<Command>, ms: number): readonly Command[] {
  const old: Command[] = []
  for (const command of commands) {
    // Ended in about the order in which they began: the first that is young enough ends the search.
    if (command.endedAt !== undefined && command.endedAt.getTime() > ms) break
    if (command.isOver) old.push(command)
  }
  return old
}

/** The oldest ones, until there are no more than `most` in all. */
export function surplusOf(owned: ReadonlySet<Command>, most: number): readonly Command[] {
  return upTo(owned, owned.size - most, (command) => (command.isOver ? 1 : 0))
}

/** Until so many bytes of memory are free. */
export function inMemory(commands: Iterable<Command>, bytes: number): readonly Command[] {
  return upTo(commands, bytes, (command) =>
    command.isOver && !command.isKept ? command.output.inMemoryBytes : 0,
  )
}

/** Until so many bytes of output are free in the store. A key stands for the promise that nothing is run twice. */
export function inStore(commands: Iterable<Command>, bytes: number): readonly Command[] {
  return upTo(commands, bytes, (command) =>
    command.isOver && !hasKey(command) ? command.output.storedBytes : 0,
  )
}

function upTo(commands: Iterable<Command>, needed: number, gain: (command: Command) => number): Command[] {
  const taken: Command[] = []
  let left = needed
  for (const command of commands) {
    if (left <= 0) break
    const gained = gain(command)
    if (gained <= 0) continue
    taken.push(command)
    left -= gained
  }
  return taken
}
