/** What a column holds, in both engines: times are milliseconds since 1970, truth is 0 or 1. */
export type SqlValue = string | number | Uint8Array | null

/** A row as it comes: bytes are a `Buffer`. The caller says which columns it asked for. */
export type Row = Readonly<Record<string, unknown>>

/** Statements are written once for both engines, with `$1`, `$2`, … for what is handed in. */
export interface Sql {
  all<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]>
  /** Resolves to how many rows it changed, once that is durable (within a transaction: once the transaction is). */
  run(text: string, ...values: readonly SqlValue[]): Promise<number>
}

/**
 * Where everything is kept that survives a restart: SQLite in a file, which several processes of one machine may share, or PostgreSQL,
 * which several machines share. A statement that fails rejects, and nothing of it, or of its transaction, has happened. `all` gives
 * the rows of a statement that reads, or of one that writes and ends in `RETURNING`.
 */
export interface Database extends Sql {
  readonly engine: 'sqlite' | 'postgres'
  /** What the safety of all hangs on, and is short: the locks, the lease of this instance. It waits for nothing of what is queued. */
  readonly first: Urgent
  /** Reads what may take long, beside everything else: searches, exports, verification. */
  scan<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]>
  /** All or nothing, and nothing in between of whoever else writes to the same rows. What `work` throws is passed on. */
  transaction<T>(work: (sql: Sql) => Promise<T>, until?: Until): Promise<T>
  /** Tells whoever listens to the topic, in all processes, this one too. The text is short, and a hint: it may be lost. Never rejects. */
  notify(topic: Topic, text: string): Promise<void>
  /** `undefined`: something may have been told that was not heard, so look at everything. */
  listen(topic: Topic, onNotice: (text: string | undefined) => void, signal: AbortSignal): void
  /** Undefined while it answers; otherwise why not, for `/ready`: no address, no path. It is tried again all the time. */
  problem(): string | undefined
  close(): Promise<void>
}

export type Urgent = Sql & { transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> }

/**
 * `durable`: what was done survives a loss of power. `written`: it survives the end of this process; a loss of power may take it, but never
 * a part of it alone, and never once something later is durable.
 */
export type Until = 'durable' | 'written'

export const TOPICS = [
  'audit',
  'locks',
  'approvals',
  'commands',
  'instances',
  'mail',
  'login',
  'sessions',
  'taints',
  'links',
] as const
export type Topic = (typeof TOPICS)[number]

/** A row was there already: the statement has done nothing. */
export class AlreadyThere extends Error {}

/** It cannot be read or written now; what was asked may have happened or not. It is tried again by itself. */
export class DatabaseAway extends Error {
  /** For those who may not know this class. */
  readonly code = 'DATABASE_AWAY'
}

/** It is configured so that it can never work, or was made by a newer version: nothing is to be started. */
export class UnusableDatabase extends Error {
  /** For those who may not know this class. */
  readonly code = 'UNUSABLE_DATABASE'
}
