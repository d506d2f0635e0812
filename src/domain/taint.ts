import type { HostName } from './host.ts'
import type { Principal } from './principal.ts'

/** Something that others may have written was shown to a caller. */
export interface TaintMark {
  /** Where it stood, in words: `web-server: /var/log/syslog, which others write to`. */
  readonly why: string
  readonly host: HostName
  readonly at: Date
  /** The call whose answer showed it. */
  readonly call: string
}

/**
 * A person's client has been shown what others may have written: what it asks from then on may be their wish. A conversation cannot be told
 * from another of the same client, so it holds for all of them.
 */
export interface Taint {
  /** `taint_` and 128 random bits. */
  readonly id: string
  readonly principal: Principal
  /** The first ones; more are only counted by their time. */
  readonly marks: readonly TaintMark[]
  readonly since: Date
  /** After the last mark; it ends by itself then. */
  readonly expiresAt: Date
}

/** What people do about taints. None of it reaches a host. */
export type TaintAction =
  | { readonly kind: 'list_taints' }
  | { readonly kind: 'clear_taint'; readonly taint: string; readonly reason?: string }

const TAINT_ID = /^taint_[A-Za-z0-9_-]{22}$/

export function isTaintId(text: string): boolean {
  return TAINT_ID.test(text)
}

/** As many marks tell people what happened. */
export const MOST_MARKS = 5

/** Keeps taints across restarts, for all instances together. */
export interface TaintStore {
  /** Those in force. */
  load(): Promise<readonly Taint[]>
  /** One for each owner. Resolves once it is durable, to what it is together with what another instance marked. */
  save(owner: string, taint: Taint): Promise<Taint>
  /** `by`: only where it is over by then, whatever another instance has marked meanwhile. */
  remove(id: string, by?: Date): Promise<void>
  /** Tells whenever one may have been changed, by whichever instance. */
  follow(onChange: () => void, signal: AbortSignal): void
}
