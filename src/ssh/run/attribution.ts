import type { Call } from '../../domain/call.ts'
import type { HostTarget } from '../../domain/host.ts'
import { type Principal, principalName } from '../../domain/principal.ts'
import type { ChannelOpening, TerminalSize } from '../transport/transport.ts'
import type { RunChannel } from './channel.ts'
import { tooLong } from './command-text.ts'
import { MAX_LINE_BYTES, shellWord } from './exec-line.ts'

/** Set by the host where its `AcceptEnv` allows it (RFC 4254 §6.4). Like every `SSH_*` variable they are no part of a session's state. */
export const CALL_VARIABLE = 'SSH_MCP_CALL'
export const USER_VARIABLE = 'SSH_MCP_USER'

const LONGEST_NAME = 128

export type Environment = Readonly<Record<string, string>>

/** What the host is told of a call, before anything of it runs there. */
export interface Attribution {
  /** Asked for without waiting for an answer: a host that does not take them refuses silently. */
  readonly environment?: Environment
  /** Words of a shell that tell the host's own syslog; nothing depends on what becomes of them. */
  readonly words?: string
}

/** Devices and Windows hosts are told nothing: they have no use for it, and some end the connection. */
export function attributionOf(call: Pick<Call, 'id' | 'principal'>, target: HostTarget): Attribution {
  const user = userEnvironment(call.principal, target)
  return {
    ...(user && { environment: { [CALL_VARIABLE]: call.id, ...user } }),
    ...(isTold(target) && target.attribution?.syslog === true && { words: loggerWords(call, target) }),
  }
}

/** The person alone, for what serves several calls of one. */
export function userEnvironment(
  principal: Principal | undefined,
  target: HostTarget | undefined,
): Environment | undefined {
  if (principal === undefined || target === undefined) return undefined
  if (!isTold(target) || target.attribution?.env === false) return undefined
  return { [USER_VARIABLE]: userName(principal) }
}

/** Tells the host of the call on each channel that is opened for it. */
export function attributed(runChannel: RunChannel, call: Call, target: HostTarget): RunChannel {
  const { environment, words } = attributionOf(call, target)
  if (environment === undefined && words === undefined) return runChannel
  return async (owner, host, request, signal) => {
    if (request.isPlain === true) return runChannel(owner, host, request, signal)
    const line = words === undefined ? request.line : `${words}; ${request.line}`
    const overBytes = Buffer.byteLength(line) - MAX_LINE_BYTES
    // guard: attribution-length
    if (overBytes > 0) return tooLong(commandBytes(call) - overBytes)
    return runChannel(owner, host, { ...request, line, ...(environment && { environment }) }, signal)
  }
}

/** A terminal whose shell is told of the call that opened it. */
export function terminalOpening(call: Call, target: HostTarget, terminal: TerminalSize): ChannelOpening {
  const { environment } = attributionOf(call, target)
  return { kind: 'shell', terminal, ...(environment && { environment }) }
}

function isTold({ platform }: HostTarget): boolean {
  return platform === 'posix' || platform === 'auto'
}

function commandBytes({ action }: Call): number {
  return action.kind === 'run' ? Buffer.byteLength(action.command) : 0
}

/** E-mail, else name, else subject. What is no printable ASCII becomes `?`: it is read in terminals and by programs. */
function userName(principal: Principal): string {
  return principalName(principal)
    .replace(/[^\x20-\x7e]/gu, '?')
    .slice(0, LONGEST_NAME)
}

/**
 * In a subshell of a subshell: it is no job of the shell that runs the command, and neither its input, output nor exit status is the
 * command's. A host without `logger` runs nothing.
 */
function loggerWords({ id, principal }: Pick<Call, 'id' | 'principal'>, { host }: HostTarget): string {
  const message = `call=${id} user=${fieldText(userName(principal))} host=${host.name}`
  return `(logger -t ssh-mcp-bridge -p auth.notice -- ${shellWord(message)} &) </dev/null >/dev/null 2>&1`
}

/** One field of the line: no name can end it and begin another. What is not plain is written as in a URL. */
function fieldText(text: string): string {
  // guard: attribution-fields
  return text.replace(/[^A-Za-z0-9@._+-]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase()
    return `%${code.padStart(2, '0')}`
  })
}
