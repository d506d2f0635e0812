import type { AuditEvent } from '../../src/domain/audit.ts'
import { chained, digestOf, GENESIS } from '../../src/evidence/chain.ts'
import { signStatement } from '../../src/evidence/statement.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { AuditRow } from '../../src/store/audit-append.ts'
import { insertWords } from '../../src/store/audit-index.ts'
import { signingKeyIn } from '../../src/store/audit-key-file.ts'
import { auditRow } from '../../src/store/audit-record.ts'
import { fieldWord, wordsOfRecord } from '../../src/store/audit-words.ts'
import { registerInstance } from '../../src/store/instance.ts'
import { checkpointOf } from '../../src/store/open-log.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { callNumber, FIRST, recordsOfCall, STEP_MS } from './many-records.ts'

/** After so many calls all but their numbers and times is as it was. Also the calls between two checkpoints. */
const PERIOD = 1_000
const LOG = 'log_million'
const COLUMNS = 'seq, at, type, instance, call, person, host, action, outcome, hash, line'
const TYPED =
  'seq BIGINT, at BIGINT, type TEXT, call TEXT, person TEXT, host TEXT, action TEXT, outcome TEXT, hash TEXT, line TEXT'

interface Made {
  readonly row: AuditRow
  readonly words: string
}

const madeOf = (event: AuditEvent): Made => {
  const row = auditRow(event)
  return { row, words: wordsOfRecord(row.body).join(' ') }
}

/** Makes the records of any call out of those of the first calls: the bridge's own way takes ten times as long. */
function recordMaker(): (number: number) => readonly Made[] {
  const patterns = Array.from({ length: PERIOD }, (_, number) => recordsOfCall(number).map(madeOf))
  return (number) => {
    const [pattern, call] = [callNumber(number % PERIOD), callNumber(number)]
    const [from, to] = [pattern.id.slice(5), call.id.slice(5)]
    const [fromField, toField] = [fieldWord('call', pattern.id), fieldWord('call', call.id)]
    const ticket = (text: string) => text.replace(`ticket${number % PERIOD}`, `ticket${number}`)
    return (patterns[number % PERIOD] ?? []).map(({ row, words }) => ({
      row: {
        ...row,
        at: call.receivedAt.getTime(),
        call: call.id,
        body: ticket(row.body)
          .replaceAll(from, to)
          .replace(pattern.receivedAt.toISOString(), call.receivedAt.toISOString()),
      },
      words: ticket(words).replaceAll(from, to).replace(fromField, toField),
    }))
  }
}

/**
 * Puts one log of so many calls, chained, signed and indexed, into several empty databases at once: the lines are those that the bridge
 * writes, but they are not appended one after the other, and PostgreSQL makes its index of words at the end.
 */
export async function fillLogs(databases: readonly Database[], storage: string, calls: number) {
  const key = signingKeyIn(storage)
  const writers = await Promise.all(databases.map((database) => registerInstance(database, systemClock)))
  for (const database of databases)
    if (database.engine === 'postgres') await database.run('DROP INDEX audit_words_words')
  let [seq, hash] = [0, GENESIS]
  const make = recordMaker()
  let rows: unknown[] = []
  let words: unknown[] = []
  const add = ({ row: { body, ...columns }, words: found }: Made) => {
    seq += 1
    const line = chained(body, { seq, prev: hash })
    hash = digestOf(line)
    rows.push({ seq, ...columns, hash, line })
    words.push([seq, found])
  }
  const checkpoint = (at: Date) => add(madeOf(checkpointOf({ seq, hash }, LOG, key, at)))
  const flush = () => {
    const [values, found] = [JSON.stringify(rows), JSON.stringify(words)]
    rows = []
    words = []
    return Promise.all(
      databases.map((database, index) =>
        database.transaction(async (sql) => {
          const from =
            database.engine === 'sqlite' ? SQLITE_ROWS : `json_to_recordset($2::JSON) AS row(${TYPED})`
          await sql.run(
            `INSERT INTO audit (${COLUMNS}) SELECT seq, at, type, $1, call, person, host, action, outcome, hash, line FROM ${from}`,
            writers[index]?.id ?? '',
            values,
          )
          await insertWords(sql, database.engine, found)
        }),
      ),
    )
  }
  const at = new Date(FIRST)
  const opened = signStatement('audit.opened', { log: LOG, at: at.toISOString() }, key)
  add(madeOf({ ...opened, type: 'audit.opened', at }))
  checkpoint(at)
  let written: Promise<unknown> = Promise.resolve()
  for (let number = 0; number < calls; number += PERIOD) {
    const count = Math.min(PERIOD, calls - number)
    for (let index = 0; index < count; index += 1) make(number + index).forEach(add)
    checkpoint(new Date(FIRST + (number + count - 1) * STEP_MS))
    await written
    written = flush()
  }
  await written
  if (JSON.stringify(make(calls - 1)) !== JSON.stringify(recordsOfCall(calls - 1).map(madeOf)))
    throw new Error('a record is not as the bridge makes it')
  for (const database of databases) {
    await database.run('INSERT INTO audit_keys (key, log, seq) VALUES ($1, $2, 1)', key.publicKey, LOG)
    await database.run('UPDATE audit_indexed SET seq = $1', seq)
    if (database.engine === 'sqlite') continue
    await database.run('UPDATE audit_head SET seq = $1, hash = $2', seq, hash)
    // Longer than anything else than a scan may take.
    await database.scan('CREATE INDEX audit_words_words ON audit_words USING GIN (words)')
    await database.scan('ANALYZE')
  }
}

const SQLITE_ROWS = `(SELECT ${TYPED.split(', ')
  .map((column) => column.split(' ')[0])
  .map((name) => `value->>'${name}' AS ${name}`)
  .join(', ')} FROM json_each($2))`
