import type { Clock } from '../lib/clock.ts'
import type { AuditRow } from '../store/audit-append.ts'
import type { Database } from '../store/sql/database.ts'

/** However much goes on record, whoever listens is told so often at most. */
const PAUSE_MS = 250

/** Actions that reach hosts without naming one. */
const ON_MANY: ReadonlySet<string> = new Set(['run_on_hosts', 'transfer_file'])

/**
 * Tells every instance that there is something new on record. Must not throw, and is waited for by nobody: who does not hear of it looks
 * a little later.
 */
export function tellOfRecords(database: Pick<Database, 'notify'>, clock: Clock) {
  let isResting = false
  let isDue = false
  const tell = () => {
    isDue = false
    isResting = true
    void database.notify('audit', '').catch(() => undefined)
    clock.sleep(PAUSE_MS).then(
      () => {
        isResting = false
        if (isDue) tell()
      },
      () => undefined,
    )
  }
  return (rows: readonly AuditRow[]): void => {
    if (!rows.some(isNews)) return
    if (isResting) isDue = true
    else tell()
  }
}

/**
 * Whether a page that shows what goes on has to look again. A call that reaches no host is none: looking at the audit is on record too, and a page
 * that looked again for it would never come to rest.
 */
export function isNews({ type, host, action }: Pick<AuditRow, 'type' | 'host' | 'action'>): boolean {
  if (type.startsWith('call.')) return host !== undefined || ON_MANY.has(action ?? '')
  return !type.startsWith('audit.') && type !== 'recording.read'
}
