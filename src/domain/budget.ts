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
