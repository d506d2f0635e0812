import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Call } from '../../src/domain/call.ts'
import { hostName } from '../../src/domain/host.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { appendRowsTo } from '../../src/store/audit-append.ts'
import { signingKeyIn } from '../../src/store/audit-key-file.ts'
import { auditRow } from '../../src/store/audit-record.ts'
import { registerInstance } from '../../src/store/instance.ts'
import { checkpointOf, headOf, openLog } from '../../src/store/open-log.ts'
import type { Database } from '../../src/store/sql/database.ts'

const PEOPLE = 200
const HOSTS = 500
const COMMANDS = [
  'uptime',
  'df -h /var',
  'systemctl status nginx',
  'journalctl -u postgres --since today',
  'cat /etc/os-release',
]
/** Calls of one statement. */
const CALLS = 1_000
export const FIRST = Date.parse('2026-01-02T00:00:00Z')
/** Between two calls. */
export const STEP_MS = 10_000

export function callNumber(number: number): Call {
  const person = number % PEOPLE
  const command = `${COMMANDS[number % COMMANDS.length]} # ${number % 1_000 === 7 ? `ticket${number}` : 'routine'}`
  return {
    id: `call_${String(number).padStart(22, '0')}`,
    principal: {
      issuer: 'https://idp.example.com/',
      subject: `user-${person}`,
      method: 'oauth',
      email: `person${person}@example.com`,
      name: `Person ${person}`,
      clientId: 'claude',
      groups: [],
      roles: [],
      scopes: new Set(['mcp:execute']),
    },
    action: {
      kind: 'run',
      host: hostName(`web-${number % HOSTS}`),
      command,
      timeoutMs: 60_000,
      waitMs: 45_000,
    },
    edge: 'mcp_http',
    receivedAt: new Date(FIRST + number * STEP_MS),
    remoteAddress: '192.0.2.7',
  }
}

/** The four records of a call, as the bridge writes them. */
export function recordsOfCall(number: number): AuditEvent[] {
  const call = callNumber(number)
  const at = call.receivedAt
  const status = number % 50 === 3 ? 'timed_out' : 'completed'
  return [
    { type: 'call.received', at, call },
    { type: 'call.decided', at, call, decision: { verdict: 'allow', rule: 'operators' } },
    { type: 'call.started', at, call, rule: 'operators' },
    {
      type: 'call.finished',
      at,
      call,
      rule: 'operators',
      result: { status, exitStatus: 0, durationMs: 12, outputBytes: 64 },
    },
  ]
}

/** Fills the log with the records of so many calls, by the way that every record takes, and signs it as a bridge does. */
export async function fillLog(database: Database, storage: string, calls: number): Promise<void> {
  const writer = await registerInstance(database, systemClock)
  const key = signingKeyIn(storage)
  const { log } = await openLog(database, writer, key, { ...systemClock, now: () => new Date(FIRST) })
  const append = appendRowsTo(database, writer)
  for (let number = 0; number < calls; number += CALLS) {
    const count = Math.min(CALLS, calls - number)
    const events = Array.from({ length: count }, (_, index) => recordsOfCall(number + index)).flat()
    await append(events.map((event) => auditRow(event)))
    const checkpoint = checkpointOf(
      await headOf(database),
      log,
      key,
      new Date(FIRST + (number + count - 1) * STEP_MS),
    )
    await append([auditRow(checkpoint)])
  }
}
