/** How urgent a record is to whoever watches all of them. */
export type Severity = 'warning' | 'notice' | 'info'

/** Somebody was kept out, or something was not as it should be. */
const WARNINGS = new Set([
  'auth.denied',
  'sign_in.refused',
  'sign_in.throttled',
  'lock.added',
  'taint.marked',
  'audit.resumed',
  'instance.lost',
])
/** What comes between the beginning and the end of every call. */
const ORDINARY = new Set([
  'call.received',
  'call.decided',
  'call.continued',
  'transfer.begun',
  'transfer.used',
])

export function severityOf(type: string): Severity {
  if (WARNINGS.has(type)) return 'warning'
  return ORDINARY.has(type) ? 'info' : 'notice'
}
