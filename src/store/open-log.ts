import type { EvidenceEvent } from '../domain/evidence-event.ts'
import type { SigningKey } from '../evidence/keys.ts'
import { signStatement } from '../evidence/statement.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { appendWithin, holdHead, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import type { Database, Sql } from './sql/database.ts'

/** The log of a database: its name, and the keys that the log itself names. */
export interface LogIdentity {
  readonly log: string
  readonly keys: ReadonlySet<string>
}

/** Undefined while the database has no log. */
export async function readLog(database: Sql): Promise<LogIdentity | undefined> {
  const rows = await database.all<{ log: string; key: string }>(
    'SELECT log, key FROM audit_keys ORDER BY seq',
  )
  const [first] = rows
  return first && { log: first.log, keys: new Set(rows.map(({ key }) => key)) }
}

/** The log of a database. Where there is none its first record is written, and signed at once; of several that start it one does. */
export async function openLog(
  database: Database,
  writer: Writer,
  key: SigningKey,
  clock: Clock,
): Promise<LogIdentity> {
  const known = await readLog(database)
  if (known !== undefined) return known
  return database.transaction(async (sql) => {
    await holdHead(sql, database.engine)
    const another = await readLog(sql)
    if (another !== undefined) return another
    const append = (event: EvidenceEvent) => appendWithin(sql, database.engine, writer, [auditRow(event)])
    const log = randomId('log')
    const at = clock.now()
    const opened = signStatement('audit.opened', { log, at: at.toISOString() }, key)
    await append({ ...opened, type: 'audit.opened', at })
    const head = await headOf(sql)
    await append(checkpointOf(head, log, key, at))
    await sql.run('INSERT INTO audit_keys (key, log, seq) VALUES ($1, $2, $3)', key.publicKey, log, head.seq)
    return { log, keys: new Set([key.publicKey]) }
  })
}

/** The event that signs a durable record. */
export function checkpointOf(
  { seq, hash }: { readonly seq: number; readonly hash: string },
  log: string,
  key: SigningKey,
  at: Date,
): Extract<EvidenceEvent, { type: 'audit.checkpoint' }> {
  const facts = { log, signed: seq, hash, at: at.toISOString() }
  return { ...signStatement('audit.checkpoint', facts, key), type: 'audit.checkpoint', at }
}

/** The last record. */
export async function headOf(
  sql: Sql,
): Promise<{ readonly seq: number; readonly hash: string; readonly type: string }> {
  const [head] = await sql.all<{ seq: number; hash: string; type: string }>(
    'SELECT seq, hash, type FROM audit ORDER BY seq DESC LIMIT 1',
  )
  if (head === undefined) throw new Error('the audit has no record')
  return head
}
