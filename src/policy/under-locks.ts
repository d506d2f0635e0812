import { type Action, type Call, hostsOf } from '../domain/call.ts'
import type { Decision, Denied } from '../domain/decision.ts'
import type { Lock, LockTarget } from '../domain/lock.ts'
import type { Principal } from '../domain/principal.ts'
import { never } from '../lib/never.ts'
import type { Person } from './rule-set.ts'

/** What is said to a locked call. Which lock, and why, is for operators. */
export const LOCKED: Denied = { verdict: 'deny', rule: 'locks', reason: { code: 'locked' } }

/** What is said to everybody while nobody can tell what is locked. */
export const LOCKS_UNKNOWN: Denied = {
  verdict: 'deny',
  rule: 'locks',
  reason: { code: 'locks_unavailable' },
}

/** What locks make of a decision: refused is what one of them holds. Pure; `locks` are those in force. */
export function underLocks(
  call: Pick<Call, 'principal' | 'action'>,
  decision: Decision,
  locks: readonly Lock[],
  people: readonly Person[],
): Decision {
  const holds = locks.some(({ on }) => holdsCaller(on, call, people) || holdsHost(on, call.action, decision))
  // guard: locks-refuse-work
  return holds ? LOCKED : decision
}

function holdsCaller(
  on: LockTarget,
  { principal, action }: Pick<Call, 'principal' | 'action'>,
  people: readonly Person[],
): boolean {
  switch (on.kind) {
    case 'person':
      return isPerson(on, principal, people)
    case 'client':
      return principal.clientId === on.client
    case 'api_key':
      return principal.method === 'api_key' && principal.subject === on.name
    case 'host':
      return false
    case 'all':
      return !isAboutLocks(action)
    default:
      return never(on)
  }
}

/** Asked of what is allowed only: a lock must not tell of a host that the caller does not hear of otherwise. */
function holdsHost(on: LockTarget, action: Action, decision: Decision): boolean {
  // guard: locked-host-stays-hidden
  return on.kind === 'host' && decision.verdict !== 'deny' && hostsOf(action).includes(on.host)
}

/** Whoever pulled the kill switch has a way back; one who is locked by name has none. */
export function isAboutLocks({ kind }: Action): boolean {
  return kind === 'list_locks' || kind === 'add_lock' || kind === 'remove_lock'
}

function isPerson(
  on: Extract<LockTarget, { kind: 'person' }>,
  principal: Principal,
  people: readonly Person[],
): boolean {
  // guard: locked-lift-nothing
  if (isSame(on, principal)) return true
  return people.some((person) => isOf(person, principal) && isOf(person, on))
}

type Identity = { readonly email?: string } | { readonly issuer: string; readonly subject: string }

function isSame(on: Identity, principal: Principal): boolean {
  return 'issuer' in on
    ? on.issuer === principal.issuer && on.subject === principal.subject
    : on.email !== undefined && on.email.toLowerCase() === principal.email?.toLowerCase()
}

function isOf({ emails, principals }: Person, who: Identity & { readonly email?: string }): boolean {
  const email = who.email?.toLowerCase()
  if (email !== undefined && emails.some((one) => one.toLowerCase() === email)) return true
  return 'issuer' in who && principals.some((one) => one.issuer === who.issuer && one.subject === who.subject)
}
