import type { Command } from './command.ts'

const NONE: ReadonlySet<Command> = new Set()

/** The commands of each principal, in the order in which they began. */
export class OwnedCommands {
  readonly #all = new Map<string, Set<Command>>()
  /** Those without an idempotency key: they are kept for a shorter time, and never crowded out by those with one. */
  readonly #plain = new Map<string, Set<Command>>()
  /** Those that are not over: few, where the others may be thousands. */
  readonly #goingOn = new Map<string, Set<Command>>()

  add(command: Command): void {
    put(this.#all, command)
    if (!command.isOver) put(this.#goingOn, command)
    if (command.call.action.idempotencyKey === undefined) put(this.#plain, command)
  }

  hasEnded(command: Command): void {
    take(this.#goingOn, command)
  }

  remove(command: Command): void {
    take(this.#goingOn, command)
    take(this.#all, command)
    take(this.#plain, command)
  }

  of(owner: string): ReadonlySet<Command> {
    return this.#all.get(owner) ?? NONE
  }

  goingOnOf(owner: string): ReadonlySet<Command> {
    return this.#goingOn.get(owner) ?? NONE
  }

  withoutKeyOf(owner: string): ReadonlySet<Command> {
    return this.#plain.get(owner) ?? NONE
  }
}

function put(sets: Map<string, Set<Command>>, command: Command): void {
  const owned = sets.get(command.owner)
  if (owned === undefined) sets.set(command.owner, new Set([command]))
  else owned.add(command)
}

function take(sets: Map<string, Set<Command>>, command: Command): void {
  const owned = sets.get(command.owner)
  owned?.delete(command)
  if (owned?.size === 0) sets.delete(command.owner)
}
