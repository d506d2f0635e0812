import type { SessionStats } from '../../domain/outcome.ts'
import { defineTool, NO_ARGUMENTS } from './define-tool.ts'
import { StatsResult } from './results.ts'

export const getSessionStats = defineTool({
  name: 'get_session_stats',
  title: 'Session statistics',
  description: 'Your own sessions and connections, and their limits.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needsExecuteScope: false,
  input: () => NO_ARGUMENTS,
  output: StatsResult,
  answers: 'stats',
  toAction: () => ({ kind: 'get_session_stats' }),
  toText: ({ stats }) => [summary(stats), ...sessionLines(stats)].join('\n'),
})

function summary({ sessions, connections, limits }: SessionStats): string {
  const open = connections.reduce((sum, { connections: of }) => sum + of, 0)
  const running = connections.reduce((sum, { running: of }) => sum + of, 0)
  const idleMinutes = Math.round(limits.idleTimeoutMs / 60_000)
  return `${sessions.length} session(s), ${open} connection(s), ${running} command(s) running. At most ${limits.maxSessionsPerHost} sessions a host; they end after ${idleMinutes} idle minutes.`
}

function sessionLines({ sessions }: SessionStats): string[] {
  return sessions.map(({ id, kind, name, host, workingDirectory, commands }) => {
    if (kind === 'terminal') return `- ${host} ${id}: terminal, used ${commands} time(s) so far`
    const label = name === undefined ? id : `${id} (${name})`
    return `- ${host} ${label}: in ${workingDirectory}, ${commands} command(s) so far`
  })
}
