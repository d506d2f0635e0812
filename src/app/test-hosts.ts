import type { Config } from '../config/config.ts'
import type { Answer } from '../domain/answer.ts'
import { type HostTarget, hostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'

import { osPrincipal } from '../oauth/os-user.ts'
import { perform } from '../pipeline/perform.ts'
import { createLog } from '../telemetry/log.ts'
import { asOperator } from './as-operator.ts'
import { openCore } from './core.ts'
import { credentialText } from './credential-text.ts'

export interface HostTest {
  readonly name: string
  /** Undefined: connected, key checked, signed in, `exit 0` gave 0, or nothing where a device tells no status. */
  readonly problem: string | undefined
  /** For the operator only: what was tried, at which address, and what came back. */
  readonly detail: string | undefined
  readonly durationMs: number
}

/** Understood by POSIX shells, cmd, PowerShell and most devices. */
const TRIAL = 'exit 0'
/** It may take this long once the host is connected. */
const TRIAL_MS = 15_000

/** Runs `exit 0` on each host by the one way, recorded like any other call, and tells each result as it comes, in order. */
export async function testHosts(
  config: Config,
  names: readonly string[],
  tell: (test: HostTest) => void,
): Promise<void> {
  const causes = new Map<unknown, string>()
  const core = await openCore(asOperator(config), listening(causes))
  try {
    for (const name of names) {
      const startedMs = core.clock.monotonicMs()
      // Longer than connecting may take, so that a host that keeps silent is told as that and not as a command that took long.
      const call = trial(name, config.ssh.connectTimeoutMs + TRIAL_MS, core.clock.now())
      const answer = await perform(call, core.bridge, new AbortController().signal)
      const target = config.hosts.find(({ host }) => host.name === name)
      tell({
        name,
        problem: problemOf(answer, target),
        detail: detailOf(causes.get(name), answer, target),
        durationMs: core.clock.monotonicMs() - startedMs,
      })
    }
  } finally {
    await core.close()
  }
}

/** Errors go to standard error; of warnings the cause is kept, by host: it stands beside that host's result. */
function listening(causes: Map<unknown, string>): Log {
  const log = createLog({ level: 'ERROR', format: 'text' }, systemClock, (line) => process.stderr.write(line))
  return {
    ...log,
    warn(_message, fields) {
      if (typeof fields?.detail === 'string') causes.set(fields.host, fields.detail)
    },
  }
}

function detailOf(
  cause: string | undefined,
  answer: Answer,
  target: HostTarget | undefined,
): string | undefined {
  if (cause === undefined || target === undefined) return cause
  return answer.kind === 'failed' && answer.code === 'host_auth_failed'
    ? `${cause}; offered: ${credentialText(target.credential)}`
    : cause
}

function trial(name: string, timeoutMs: number, receivedAt: Date) {
  const action = { kind: 'run', host: hostName(name), command: TRIAL, timeoutMs, waitMs: timeoutMs } as const
  return { id: randomId('call'), principal: osPrincipal(), action, edge: 'cli', receivedAt } as const
}

function problemOf(answer: Answer, target: HostTarget | undefined): string | undefined {
  if (answer.kind === 'failed') return answer.message
  if (answer.kind !== 'ran') return `refused: ${answer.kind}`
  if (answer.success) return undefined
  // Devices close the channel without a status: that they did says what was asked.
  if (answer.end.how === 'unknown' && target?.platform === 'network') return undefined
  return answer.end.how === 'exited'
    ? `\`${TRIAL}\` gave exit status ${answer.end.code}: ${answer.stderr.trim()}`
    : answer.end.how
}
