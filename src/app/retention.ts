import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { CommandBook, CommandLimits } from '../pipeline/commands/command-book.ts'
import type { ChangeRows } from '../store/change-rows.ts'
import { forgetCommands } from '../store/command-rows.ts'
import { forgetInstances } from '../store/instance.ts'
import { forgetSharedBudgets } from '../store/shared-budget-rows.ts'
import type { Database } from '../store/sql/database.ts'

interface Keeping {
  readonly database: Database
  readonly commands: CommandBook
  readonly changes: ChangeRows
  /** Asked each time: a reload replaces them. */
  readonly limits: () => Pick<CommandLimits, 'retentionMs'>
  readonly clock: Clock
  readonly log: Log
}

const EVERY_MS = 60_000
/** Each start, and each command line that puts something on record, is one. */
const INSTANCES_KEPT_MS = 30 * 86_400_000

/**
 * Forgets with every minute the commands, their output and the changes whose time is over, in whichever instance they were made, and
 * instances that ended long ago, and what was used of budgets by the hour. Sessions are swept with the connections, as often as `session.cleanup_interval` says.
 */
export async function followRetention(
  { database, commands, changes, limits, clock, log }: Keeping,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal).catch(() => undefined)
    if (signal.aborted) return
    commands.sweep()
    try {
      await forgetCommands(database, clock.now().getTime() - limits().retentionMs, signal)
      await changes.sweep()
      await forgetInstances(database, clock.now().getTime() - INSTANCES_KEPT_MS)
      await forgetSharedBudgets(database)
    } catch (cause) {
      log.warn('What is kept for a while only could not be forgotten', { cause: String(cause) })
    }
  }
}
