import type { HostName } from './host.ts'

/** What was used of budgets, by what counts it, then by whose; each in pieces of time, by their number since 1970. */
export type UsedPieces = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<number, number>>>

/** Keeps what was used across restarts, of all processes together. */
export interface BudgetStore {
  /** Of all instances, as it is now. */
  read(): Promise<UsedPieces>
  /** Adds what was used since the last time and drops what `isOver`. Resolves with all of it, of all instances, once it is durable. */
  add(fresh: UsedPieces, isOver: IsOver): Promise<UsedPieces>
}

/** Whether a piece of time counts no more. */
export type IsOver = (counter: string, piece: number) => boolean

/** What one instance has used of budgets since it last told: of calls and hosts what is new, of commands what it runs now. By whose. */
export interface OwnUse {
  /** How long it takes until they are made up for, and how long ago the first of them was. */
  readonly calls: ReadonlyMap<string, { readonly costMs: number; readonly agoMs: number }>
  /** How long ago each was used last. */
  readonly hosts: HostsAgo
  readonly commands: ReadonlyMap<string, number>
}

/** By whose. */
export interface UseOfAll {
  /** In how long the calls of all instances will be made up for. */
  readonly calls: ReadonlyMap<string, number>
  readonly hosts: HostsAgo
  /** How many run at other instances that live. */
  readonly commands: ReadonlyMap<string, number>
}

export type HostsAgo = ReadonlyMap<string, ReadonlyMap<HostName, number>>

/** By which instances know of each other what counts for a minute, now, or for an hour. All goes by the clock of the store. */
export interface SharedBudgetStore {
  /** All of it or nothing. */
  tell(use: OwnUse): Promise<void>
  /** Of hosts those alone that somebody told of within the last `hostsMs`. */
  look(hostsMs: number): Promise<UseOfAll>
}
