import type { CommandSummary } from '../../domain/command.ts'
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
  toText: ({ stats }) => [summary(stats), ...sessionLines(stats), ...commandLines(stats)].join('\n'),
})

function summary({ sessions, connections, commands, limits }: SessionStats): string {
  const open = connections.reduce((sum, { connections: of }) => sum + of, 0)
  const running = commands.filter(isRunning).length
  const idleMinutes = Math.round(limits.idleTimeoutMs / 60_000)
  return `${sessions.length} session(s), ${open} connection(s), ${running} command(s) running. At most ${limits.maxSessionsPerHost} sessions a host; they end after ${idleMinutes} idle minutes.`
}

function sessionLines({ sessions }: SessionStats): string[] {
  return sessions.map(({ id, kind, name, host, workingDirectory, commands }) => {
    if (kind === 'terminal') return `- ${host} ${id}: terminal, used ${commands} time(s) so far`
    const label = name === undefined ? id : `${id} (${name})`
    // One whose first command has not ended has not said yet where it stands.
    const where = workingDirectory === '' ? '' : `in ${workingDirectory}, `
    return `- ${host} ${label}: ${where}${commands} command(s) so far`
  })
}

/** Commands that a model is told of; all of them are in the structured result. */
const MOST_TOLD = 10
const LONGEST_TOLD = 80

/** What runs comes first. */
function commandLines({ commands }: SessionStats): string[] {
  const inOrder = [...commands.filter(isRunning), ...commands.filter((command) => !isRunning(command))]
  return inOrder.slice(0, MOST_TOLD).map(({ id, host, command, state, detached }) => {
    const [line = ''] = command.split('\n')
    const shown =
      line.length < command.length || line.length > LONGEST_TOLD ? `${line.slice(0, LONGEST_TOLD)}…` : line
    return `- ${host} ${id} ${state}${detached ? ', detached' : ''}: ${shown}`
  })
}

function isRunning({ state }: CommandSummary): boolean {
  return state === 'running' || state === 'queued'
}
