import type { HostName } from './host.ts'

/** Whom or what a lock holds. */
export type LockTarget =
  /** By e-mail in any case, or by issuer and subject exactly: whichever way in the person takes, as far as `people` lists them. */
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'person'; readonly issuer: string; readonly subject: string }
  /** An application, whoever uses it. */
  | { readonly kind: 'client'; readonly client: string }
  | { readonly kind: 'api_key'; readonly name: string }
  | { readonly kind: 'host'; readonly host: HostName }
  /** Everybody, everywhere: the kill switch. */
  | { readonly kind: 'all' }

/** Where nobody gave one. */
export const NO_REASON = 'no reason given'

/** While it is in force, what it holds gets no new work, and what runs is ended. */
export interface Lock {
  /** `lock_` and 128 random bits. */
  readonly id: string
  readonly on: LockTarget
  /** For operators; the caller that is locked does not hear it. */
  readonly reason: string
  /** Who locked, as people know them. */
  readonly by: string
  readonly at: Date
  /** From then on it is lifted by itself. */
  readonly expiresAt?: Date
}

/** What operators do about locks. None of it reaches a host by itself. */
export type LockAction =
  | { readonly kind: 'list_locks' }
  /** `forMs`: it is lifted by itself then. */
  | { readonly kind: 'add_lock'; readonly on: LockTarget; readonly reason: string; readonly forMs?: number }
  | { readonly kind: 'remove_lock'; readonly lock: string }

const LOCK_ID = /^lock_[A-Za-z0-9_-]{22}$/

export function isLockId(text: string): boolean {
  return LOCK_ID.test(text)
}

export function isInForce({ expiresAt }: Lock, now: Date): boolean {
  return expiresAt === undefined || now < expiresAt
}

/** What was done about a lock while no bridge may have looked: on record as soon as one does. */
export interface LockChange {
  readonly what: 'added' | 'removed'
  readonly lock: Lock
  readonly by: string
  /** Which process is putting it on record; another one may when it has not until then. */
  readonly taken?: { readonly by: string; readonly until: Date }
}

/** `damaged`: nobody knows what is locked. */
export type LockState =
  | { readonly kind: 'known'; readonly locks: readonly Lock[]; readonly unrecorded: readonly LockChange[] }
  | { readonly kind: 'damaged'; readonly why: string }

/** Keeps locks across restarts. Other processes change them too. */
export interface LockStore {
  /** At once, and never older than five seconds: what is older is damaged. */
  read(): LockState
  /** Resolves with what was made of them once that is durable. Nothing comes between reading and writing. Rejects when damaged. */
  change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks>
  /** Tells within a second, mostly at once, whenever they may have changed; ends with the signal. */
  follow(onChange: () => void, signal: AbortSignal): void
}

export type KnownLocks = Extract<LockState, { readonly kind: 'known' }>
