import type { Config } from '../config/config.ts'
import type { HostEyes, HostSight, ReachFault } from '../doctor/host-eyes.ts'
import type { Answer } from '../domain/answer.ts'
import type { Action } from '../domain/call.ts'
import { type HostTarget, hostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'

import { osPrincipal } from '../oauth/os-user.ts'
import { perform } from '../pipeline/perform.ts'
import { offeredMethods } from '../ssh/transport/trust.ts'
import { createLog } from '../telemetry/log.ts'
import { asOperator } from './as-operator.ts'
import { openCore } from './core.ts'
import { credentialText } from './credential-text.ts'

/** Understood by POSIX shells, cmd, PowerShell and most devices. */
const TRIAL = 'exit 0'
const SHELL_AND_TIME = 'printf "%s\\n%s\\n" "$SHELL" "$(date +%s)"'
/** Each question may take this long once the host is connected. */
const QUESTION_MS = 15_000

export interface OpenHostEyes extends HostEyes {
  close(): Promise<void>
}

/**
 * Looks at hosts by the one way, recorded like any other call: as the operating-system user, and without the rules, which are about
 * callers and not about hosts. What is run there is `exit 0`, the shell's name and the time, a listing, and `exit 0` as root.
 */
export async function openHostEyes(config: Config, names: readonly string[]): Promise<OpenHostEyes> {
  const causes = new Map<unknown, string>()
  const core = await openCore(asOperator(config), listening(causes))

  async function ask(action: Action, signal: AbortSignal): Promise<Answer> {
    const call = {
      id: randomId('call'),
      principal: osPrincipal(),
      action,
      edge: 'cli',
      receivedAt: core.clock.now(),
    } as const
    return perform(call, core.bridge, signal)
  }

  async function look(name: string): Promise<HostSight> {
    const target = config.hosts.find(({ host }) => host.name === name)
    if (target === undefined) throw new TypeError(`${name} is not configured`)
    const hops = hopsOf(target, config)
    const timeoutMs = config.ssh.connectTimeoutMs * (hops.length + 1) + QUESTION_MS
    const signal = AbortSignal.timeout(timeoutMs + 3 * QUESTION_MS)
    const known = { name, where: whereOf(target), hops, isPlain: false }
    const run = (command: string, more: { readonly sudo?: true } = {}) =>
      ask({ kind: 'run', host: hostName(name), command, timeoutMs, waitMs: timeoutMs, ...more }, signal)

    const first = await run(TRIAL)
    if (first.kind !== 'ran') return { ...known, ...(await refusalOf(first, target, causes.get(name))) }
    const entered = {
      ...known,
      hostKey: { verdict: 'trusted', shown: '', pinned: false },
      signIn: { kind: 'accepted' },
    } as const
    const isDevice = target.platform === 'network' && first.end.how === 'unknown'
    if (!first.success && !isDevice)
      return { ...entered, shell: { kind: 'fails', why: endOf(first) }, sftp: await sftpOf(name, signal) }
    const askedAtMs = core.clock.now().getTime()
    const second = await run(SHELL_AND_TIME)
    // What the login prints comes first.
    const told = second.kind === 'ran' ? second.stdout.slice(first.stdout.length) : ''
    const [, login, epoch] = /^(\/[^\n]*)\n(\d{9,12})\n?$/.exec(told) ?? []
    const isPlain = isDevice || target.platform === 'windows' || epoch === undefined
    return {
      ...entered,
      isPlain,
      shell: {
        kind: 'runs',
        login,
        noise: first.stdout,
        epochS: epoch === undefined ? undefined : Number(epoch),
        askedAtMs,
      },
      ...(target.platform !== 'network' && { sftp: await sftpOf(name, signal) }),
      sudo: target.sudo === undefined ? { kind: 'not_configured' } : sudoOf(await run(TRIAL, { sudo: true })),
    }
  }

  async function sftpOf(name: string, signal: AbortSignal): Promise<NonNullable<HostSight['sftp']>> {
    const action = {
      kind: 'list_directory',
      host: hostName(name),
      path: '~',
      sudo: false,
      sort: 'name',
      descending: false,
      depth: 1,
      offset: 0,
      limit: 1,
    } as const
    const answer = await ask(action, signal)
    return answer.kind === 'failed' && answer.code === 'not_supported'
      ? { kind: 'fails', why: answer.message }
      : { kind: 'works' }
  }

  async function refusalOf(answer: Answer, target: HostTarget, cause = ''): Promise<Partial<HostSight>> {
    if (answer.kind !== 'failed') return { denied: `refused: ${answer.kind}` }
    const { code, message } = answer
    if (/: a host on the way to it could not be used/.test(message)) {
      const hops = hopsOf(target, config)
      const named = hops.find((hop) => new RegExp(`\\b${hop}\\b`).test(cause)) ?? hops[0] ?? ''
      return { brokenHop: { name: named, why: cause } }
    }
    const shown = /(\S+ SHA256:\S+?)[.;]? /.exec(message)?.[1] ?? ''
    const pinned = target.hostKeys.length > 0
    if (code === 'host_unreachable')
      return { unreachable: { fault: faultOf(`${message} ${cause}`), why: cause || message } }
    if (code === 'host_key_unknown') return { hostKey: { verdict: 'unknown', shown, pinned } }
    if (code === 'host_key_mismatch')
      return { hostKey: { verdict: /revoked/.test(message) ? 'revoked' : 'changed', shown, pinned } }
    if (code !== 'host_auth_failed')
      return code === 'not_supported' ? { shell: { kind: 'fails', why: message } } : { denied: message }
    const options = {
      targets: config.hosts,
      knownHostsFiles: config.ssh.knownHostsFiles,
      settings: config.ssh,
      clock: systemClock,
      log: core.log,
    }
    const methods = await offeredMethods(target, options, AbortSignal.timeout(QUESTION_MS))
    return {
      signIn: { kind: 'refused', why: cause || message, offered: credentialText(target.credential), methods },
    }
  }

  return { names, look, close: () => core.close() }
}

/** Errors go to standard error; of warnings the cause is kept, by host. */
function listening(causes: Map<unknown, string>): Log {
  const log = createLog({ level: 'ERROR', format: 'text' }, systemClock, (line) => process.stderr.write(line))
  return {
    ...log,
    warn(_message, fields) {
      if (typeof fields?.detail === 'string') causes.set(fields.host, fields.detail)
    },
  }
}

function hopsOf(target: HostTarget, { hosts }: Config): string[] {
  const hops: string[] = []
  for (let at = target.jump; at !== undefined && !hops.includes(at); ) {
    hops.unshift(at)
    at = hosts.find(({ host }) => host.name === at)?.jump
  }
  return hops
}

function whereOf({ username, address, port }: HostTarget): string {
  return `${username} at ${address} port ${port}`
}

/** By the words of the socket, which stand in the cause. */
function faultOf(words: string): ReachFault {
  if (/ENOTFOUND|EAI_AGAIN|could not be resolved/.test(words)) return 'unknown_name'
  if (/ECONNREFUSED|was refused/.test(words)) return 'refused'
  if (/EHOSTUNREACH|ENETUNREACH|no route/.test(words)) return 'no_route'
  return /ETIMEDOUT|in time/.test(words) ? 'silent' : 'handshake'
}

function endOf(answer: Extract<Answer, { kind: 'ran' }>): string {
  const { end, stderr, stdout } = answer
  const said = (stderr.trim() || stdout.trim()).slice(0, 200)
  return `\`${TRIAL}\` ${end.how === 'exited' ? `gave exit status ${end.code}` : end.how}${said === '' ? '' : `: ${said}`}`
}

function sudoOf(answer: Answer): NonNullable<HostSight['sudo']> {
  if (answer.kind === 'ran' && answer.success) return { kind: 'works' }
  return {
    kind: 'fails',
    why: answer.kind === 'failed' ? answer.message : answer.kind === 'ran' ? endOf(answer) : answer.kind,
  }
}
