import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** Socket errors in words. The words go to the caller: no address in them. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'its address could not be resolved',
  EAI_AGAIN: 'its address could not be resolved',
  ETIMEDOUT: 'it did not answer in time',
}

/** Nothing reached the host's shell because the host could not be spoken to. `detail` is for the operator. */
export function unreachable(target: HostTarget, why: string, detail = why): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${target.host.name} could not be reached: ${why}. Nothing was run, so it is safe to try again.`,
    detail: `${target.address} port ${target.port}: ${detail}`,
  }
}

/** Why a connection failed, in words that name no address. */
export function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined && error.code in WORDS) return WORDS[error.code] ?? ''
  if (/^it did not answer|^its one-time code/.test(error.message)) return error.message
  if (/no matching/.test(error.message)) return 'it and the bridge have no algorithm in common'
  return 'the connection was lost during the handshake'
}

/** ssh2 marks what came of authentication; an agent that cannot be asked is the credential's fault too. */
export function isAuthFailure(error: Error & { level?: string }): boolean {
  return error.level === 'client-authentication' || error.level === 'agent'
}
