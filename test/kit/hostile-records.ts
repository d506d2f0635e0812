import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Call } from '../../src/domain/call.ts'
import { commandIdOf } from '../../src/domain/command.ts'
import { hostName } from '../../src/domain/host.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { appendRowsTo } from '../../src/store/audit-append.ts'
import { signingKeyIn } from '../../src/store/audit-key-file.ts'
import { auditRow } from '../../src/store/audit-record.ts'
import { registerInstance } from '../../src/store/instance.ts'
import { openLog } from '../../src/store/open-log.ts'
import type { Database } from '../../src/store/sql/database.ts'

/** Writes a call for each text, which stands wherever somebody else may have put it: who asks, by which client, what, why, and how it ended. */
export async function fillHostileLog(
  database: Database,
  storage: string,
  texts: readonly string[],
): Promise<void> {
  const writer = await registerInstance(database, systemClock)
  await openLog(database, writer, signingKeyIn(storage), systemClock)
  const append = appendRowsTo(database, writer)
  await append(texts.flatMap((text, number) => recordsOf(text, number).map((event) => auditRow(event))))
}

export const hostileCall = (number: number) => `call_${String(number).padStart(22, '0')}`

function recordsOf(text: string, number: number): AuditEvent[] {
  const at = systemClock.now()
  const principal = {
    issuer: text,
    subject: text,
    method: 'oauth',
    name: text,
    clientId: text,
    groups: [text],
    roles: [text],
    scopes: new Set([text]),
  } as const
  const call: Call = {
    id: hostileCall(number),
    principal,
    action: {
      kind: 'run',
      host: hostName('web-server'),
      command: text,
      timeoutMs: 60_000,
      waitMs: 45_000,
      reason: text,
    },
    edge: 'mcp_http',
    receivedAt: at,
    remoteAddress: text,
  }
  const answer = { verdict: 'approve', as: 'person', by: principal, at, reason: text } as const
  return [
    { type: 'call.received', at, call },
    {
      type: 'call.decided',
      at,
      call,
      decision: { verdict: 'allow', rule: text, understood: [text], tainted: text, script: text },
    },
    {
      type: 'approval.answered',
      at,
      call,
      command: commandIdOf(call),
      digest: 'a'.repeat(64),
      answer,
    },
    { type: 'call.started', at, call, rule: text, approval: { call: call.id, by: 'people', who: [text] } },
    {
      type: 'call.finished',
      at,
      call,
      rule: text,
      result: { status: 'failed', errorCode: text, detail: text },
    },
    { type: 'client.registered', at, client: text, name: text, redirects: [text] },
  ]
}
