import type { HostName } from './host.ts'

/** `chg_` and the 128 random bits of the call that made it. Belongs to one principal; another's answers like one that never was. */
export type ChangeId = string & { readonly ChangeId: unique symbol }

const CHANGE_ID = /^chg_[A-Za-z0-9_-]{22}$/

export function isChangeId(text: string): text is ChangeId {
  return CHANGE_ID.test(text)
}

/** The change of a call: known before it is made, and from the audit alone. */
export function changeIdOf(call: { readonly id: string }): ChangeId {
  return call.id.replace(/^call_/, 'chg_') as ChangeId
}

/** What is at a path, as far as a change can be undone: a regular file, or nothing. */
export type PlaceState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file'
      /** Lower-case hex. */
      readonly sha256: string
      readonly bytes: number
      /** Permission bits. */
      readonly mode: number
      /** Absent where the host does not tell. */
      readonly uid?: number
      readonly gid?: number
    }

/** A change of one file on a host, with what is needed to take it back. The bytes that were there before are kept beside it. */
export interface ChangeRecord {
  readonly id: ChangeId
  /** `principalKey` of whoever made it. */
  readonly owner: string
  readonly host: HostName
  /** With every symlink resolved. */
  readonly path: string
  readonly sudo: boolean
  /** The kind of action that made it. */
  readonly madeBy: string
  /** The change that this one took back. */
  readonly undoes?: ChangeId
  readonly at: Date
  readonly before: PlaceState
  readonly after: PlaceState
}

/** What is known of a change without the bytes, for lists. */
export interface ChangeSummary extends Omit<ChangeRecord, 'owner'> {
  /** The change that took it back, where none took that one back again. */
  readonly undoneBy?: ChangeId
}

/** Keeps what file changes replaced, across restarts and within bounds. Damaged records are dropped with a warning. */
export interface ChangeStore {
  /**
   * Resolves once the record is durable: before the change is made. Not kept, with why, where the bounds leave no room for it at all.
   * Rejects where it cannot be written: the change must not be made then.
   */
  keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept>
  /** For a change that was not made after all. */
  drop(record: ChangeRecord): Promise<void>
  /** Undefined for one that never was, is forgotten, or belongs to somebody else, which take the same way and time. */
  find(owner: string, id: ChangeId): Promise<KeptChange | undefined>
  /** Latest first. */
  list(owner: string): Promise<readonly ChangeRecord[]>
}

export type Kept =
  | { readonly kind: 'kept' }
  /** `off`: nothing is kept at all. */
  | { readonly kind: 'not_kept'; readonly because: 'off' | 'too_large' }

export interface KeptChange {
  readonly record: ChangeRecord
  /** What was there before; absent where nothing was. */
  readonly content?: Buffer
}
