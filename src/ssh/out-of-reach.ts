import type { RunAction } from '../domain/call.ts'
import type { HostName } from '../domain/host.ts'
import type { NotStarted, RunOutcome } from '../domain/outcome.ts'

/** It was begun when the host was configured: it may have ended, it may still run. */
export function outOfReach({ host, command }: RunAction): RunOutcome {
  const reason = 'its host is no longer configured, so nobody can ask how it ended'
  return { kind: 'ran', host, command, end: { how: 'unknown', reason }, durationMs: 0 }
}

/** A new call for a host that a reload has taken away. */
export function notConfigured(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} is no longer configured. Nothing was run.`,
  }
}
