import type { LockAnswer } from '../domain/answer.ts'
import type { Lock, LockTarget } from '../domain/lock.ts'
import { never } from '../lib/never.ts'

/** A lock as operators read it. */
export type WireLock = {
  readonly id: string
  readonly on: LockTarget
  readonly reason: string
  readonly by: string
  readonly at: string
  readonly expires_at?: string
}

export type WireLocks = { readonly locks: readonly WireLock[] }

export type WireLockAdded = { readonly lock: WireLock; readonly ended_calls: number }

export type WireLockRemoved = { readonly lock: WireLock }

export function wireLocks(answer: LockAnswer): WireLocks | WireLockAdded | WireLockRemoved {
  switch (answer.kind) {
    case 'locks':
      return { locks: answer.locks.map(wireLock) }
    case 'lock_added':
      return { lock: wireLock(answer.lock), ended_calls: answer.endedCalls }
    case 'lock_removed':
      return { lock: wireLock(answer.lock) }
    default:
      return never(answer)
  }
}

export function wireLock({ id, on, reason, by, at, expiresAt }: Lock): WireLock {
  const expires = expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() }
  return { id, on, reason, by, at: at.toISOString(), ...expires }
}
