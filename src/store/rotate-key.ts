import type { SigningKey } from '../evidence/keys.ts'
import { signStatement } from '../evidence/statement.ts'
import type { Clock } from '../lib/clock.ts'
import { appendWithin, holdHead, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import { headOf, readLog } from './open-log.ts'
import type { Database } from './sql/database.ts'

export interface Rotation {
  /** The new one. */
  readonly key: SigningKey
  /** The one before; absent when it was lost, and then verifiers have to be told of the new one. */
  readonly signedBy?: SigningKey
  readonly writer: Writer
  readonly clock: Clock
}

/**
 * Records that another key signs the log from here on. It signs once the bridges have it.
 *
 * @throws Error when there is no log yet, or the key before is not one of it.
 */
export async function rotateKey(
  database: Database,
  { key, signedBy, writer, clock }: Rotation,
): Promise<void> {
  await database.transaction(async (sql) => {
    await holdHead(sql, database.engine)
    const identity = await readLog(sql)
    if (identity === undefined) throw new Error('there is no log yet: it begins when the bridge first starts')
    if (signedBy !== undefined && !identity.keys.has(signedBy.publicKey))
      throw new Error('the key that would sign the new one is not a key of this log')
    const { log } = identity
    const at = clock.now()
    const facts = { log, added: key.publicKey, at: at.toISOString() }
    const signed = signedBy === undefined ? facts : signStatement('audit.key_added', facts, signedBy)
    await appendWithin(sql, database.engine, writer, [auditRow({ ...signed, type: 'audit.key_added', at })])
    const { seq } = await headOf(sql)
    await sql.run('INSERT INTO audit_keys (key, log, seq) VALUES ($1, $2, $3)', key.publicKey, log, seq)
  })
}
