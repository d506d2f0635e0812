import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** What a principal may hold on one host, shell sessions and terminals counted together. */
export interface SessionLimits {
  readonly idleTimeoutMs: number
  readonly maxSessionsPerHost: number
}

/** Undefined while there is room for one more. */
export function refusalOfOneMore(
  host: HostName,
  held: number,
  limits: SessionLimits,
): NotStarted | undefined {
  return held < limits.maxSessionsPerHost ? undefined : tooManyOn(host, limits)
}

export function tooManyOn(host: HostName, { maxSessionsPerHost }: SessionLimits): NotStarted {
  return tooMany(`You hold ${maxSessionsPerHost} sessions on ${host}, which is the limit.`)
}

export function tooMany(what: string): NotStarted {
  return { kind: 'not_started', code: 'session_limit', message: `${what} Close one with close_session.` }
}

/** One message for a handle that never was, is closed, has expired, or belongs to somebody else or another host. */
export function sessionNotFound(host: HostName): NotStarted {
  const message = `There is no such session on ${host}. Open one with open_session.`
  return { kind: 'not_started', code: 'session_not_found', message }
}
