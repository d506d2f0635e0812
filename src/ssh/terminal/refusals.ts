import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** Every host that has terminals says so in the configuration. */
export function notAllowed(host: HostName): NotStarted {
  const message = `${host} allows no terminals. The operator has to write terminal: true at this host. Most programs run without one: use execute_command.`
  return { kind: 'not_started', code: 'not_supported', message }
}

/**
 * By their handles terminals are told from shell sessions.
 */
export function isTerminalHandle(session: string): boolean {
  return session.startsWith('term_')
}

/** One message for a handle that never was, has ended, or belongs to somebody else or another host. */
export function noSuchTerminal(host: HostName): NotStarted {
  const message = `There is no such terminal on ${host}. Open one with open_session, kind: terminal.`
  return { kind: 'not_started', code: 'session_not_found', message }
}
