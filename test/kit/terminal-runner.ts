import type { Call } from '../../src/domain/call.ts'
import { type HostName, type HostTarget, hostName } from '../../src/domain/host.ts'
import type { NotStarted } from '../../src/domain/outcome.ts'
import { principalKey } from '../../src/domain/principal.ts'
import type {
  TerminalInput,
  TerminalReading,
  TerminalSize,
  UseTerminalAction,
} from '../../src/domain/terminal.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { randomId } from '../../src/lib/ids.ts'
import type { SessionLimits } from '../../src/ssh/session/session-limit.ts'
import { Terminals } from '../../src/ssh/terminal/terminals.ts'
import { sshRunner } from './ssh-runner.ts'

/** A line of sshd_config: terminals get a shell that reads and writes nothing of the tester's own, commands are run as ever. */
export const PLAIN_SHELL =
  'ForceCommand if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec bash -c "$SSH_ORIGINAL_COMMAND"; fi; exec env HISTFILE= bash --norc --noprofile -i'

export interface Using extends Partial<Omit<UseTerminalAction, 'kind' | 'wait' | 'input'>> {
  readonly owner?: string
  /** Texts; keys stand in angle brackets: `<Enter>`. */
  readonly type?: string
  readonly input?: readonly TerminalInput[]
  readonly pattern?: string
  readonly quietMs?: number
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/** Terminals on real hosts, without rules, audit and answers around them. */
export function terminalRunner(
  targets: readonly HostTarget[],
  { clock = systemClock, limits = {} }: { clock?: Clock; limits?: Partial<SessionLimits> } = {},
) {
  const runner = sshRunner(targets)
  let configured = targets
  const all = { idleTimeoutMs: 60_000, maxSessionsPerHost: 5, ...limits }
  const others = { count: 0 }
  const terminals = new Terminals({
    pool: runner.pool,
    clock,
    log: runner.log,
    limits: all,
    find: (host) => configured.find((target) => target.host.name === host),
    otherSessions: async () => others.count,
  })
  const first = targets[0]?.host.name ?? hostName('none')
  const never = new AbortController().signal

  const open = async (
    options: { owner?: string; host?: HostName; size?: TerminalSize; signal?: AbortSignal } = {},
  ): Promise<TerminalReading | NotStarted> => {
    const { owner = 'alice', host = first, size = { columns: 80, rows: 24 }, signal = never } = options
    const target = targets.find((one) => one.host.name === host)
    if (target === undefined) throw new Error(`no such host: ${host}`)
    return terminals.open(callOf(owner, host, size), target, size, signal)
  }

  const use = async (session: string, using: Using = {}): Promise<TerminalReading | NotStarted> => {
    const { owner = 'alice', host = first, input, type = '', pattern, quietMs, waitMs = 5_000 } = using
    const { read = 'screen', resize, signal = never } = using
    const action: UseTerminalAction = {
      kind: 'use_terminal',
      host,
      session,
      input: input ?? inputOf(type),
      wait: {
        waitMs,
        ...(pattern === undefined ? { quietMs: quietMs ?? 300 } : { pattern }),
        ...(quietMs !== undefined && { quietMs }),
      },
      read,
      ...(resize && { resize }),
    }
    return terminals.use(principalKey(callOf(owner, host).principal), action, signal)
  }

  return {
    terminals,
    pool: runner.pool,
    run: runner.run,
    log: runner.log,
    others,
    open,
    use,
    /** The handle of a new terminal with the prompt `ready>`. */
    opened: async (options: Parameters<typeof open>[0] = {}): Promise<string> => {
      const { session } = reading(await open(options))
      const { owner, host } = options
      const who = { ...(owner !== undefined && { owner }), ...(host !== undefined && { host }) }
      await use(session, { ...who, type: "PS1='ready> '; clear<Enter>", pattern: '^ready> $' })
      return session
    },
    reconfigure(next: readonly HostTarget[]) {
      configured = next
      terminals.reconfigure(all)
    },
    close() {
      terminals.endEach()
      runner.close()
    },
  }
}

export function reading(answer: TerminalReading | NotStarted): TerminalReading {
  if ('kind' in answer) throw new Error(`${answer.code}: ${answer.message}`)
  return answer
}

/** The lines that are shown, those that read as one joined. */
export function textOf(answer: TerminalReading | NotStarted): string {
  return reading(answer)
    .lines.filter(({ isShown }) => isShown)
    .map(({ text, joins }) => (joins ? text : `${text}\n`))
    .join('')
}

function inputOf(type: string): TerminalInput[] {
  return type
    .split(/(<[^<>\s]+>)/)
    .filter((part) => part !== '')
    .map((part) =>
      /^<[^<>\s]+>$/.test(part) ? { kind: 'key', key: part.slice(1, -1) } : { kind: 'text', text: part },
    )
}

function callOf(owner: string, host: HostName, terminal = { columns: 80, rows: 24 }): Call {
  const scopes = 'all' as const
  return {
    id: randomId('call'),
    principal: { issuer: 'none', subject: owner, method: 'none', groups: [], roles: [], scopes },
    action: { kind: 'open_session', host, terminal },
    edge: 'mcp_stdio',
    receivedAt: new Date(),
  }
}
