import type { Config } from '../config/config.ts'
import type { Answer } from '../domain/answer.ts'
import { hostName } from '../domain/host.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { osPrincipal } from '../oauth/os-user.ts'
import { perform } from '../pipeline/perform.ts'
import { createLog } from '../telemetry/log.ts'
import { openCore } from './core.ts'

export interface HostTest {
  readonly name: string
  /** Undefined: connected, key checked, signed in, `true` gave 0. */
  readonly problem: string | undefined
  readonly durationMs: number
}

/** Runs `true` on each host by the one way, recorded like any other call, and tells each result as it comes, in order. */
export async function testHosts(
  config: Config,
  names: readonly string[],
  tell: (test: HostTest) => void,
): Promise<void> {
  const log = createLog({ level: 'ERROR', format: 'text' }, systemClock, (line) => process.stderr.write(line))
  const core = openCore(config, log)
  try {
    for (const name of names) {
      const startedMs = core.clock.monotonicMs()
      const answer = await perform(trial(name, core.clock.now()), core.bridge, new AbortController().signal)
      tell({ name, problem: problemOf(answer), durationMs: core.clock.monotonicMs() - startedMs })
    }
  } finally {
    await core.close()
  }
}

function trial(name: string, receivedAt: Date) {
  const action = { kind: 'run', host: hostName(name), command: 'true', timeoutMs: 15_000 } as const
  return { id: randomId('call'), principal: osPrincipal(), action, edge: 'cli', receivedAt } as const
}

function problemOf(answer: Answer): string | undefined {
  if (answer.kind === 'failed') return answer.message
  if (answer.kind !== 'ran') return `refused: ${answer.kind}`
  if (answer.success) return undefined
  return answer.end.how === 'exited'
    ? `\`true\` gave exit status ${answer.end.code}: ${answer.stderr.trim()}`
    : answer.end.how
}
