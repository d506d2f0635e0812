import type { SigningKey } from '../evidence/keys.ts'
import { signStatement } from '../evidence/statement.ts'
import type { Clock } from '../lib/clock.ts'
import { appendWithin, holdHead, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import { readLog } from './open-log.ts'
import type { Database } from './sql/database.ts'

export interface Pruning {
  /** Records from before go. */
  readonly before: Date
  readonly key: SigningKey
  readonly writer: Writer
  readonly clock: Clock
}

/** Removed in one statement: what is being recorded waits for it. */
const BATCH = 2_000
const DAY_MS = 86_400_000
/** Whoever feeds a sink says so every few seconds, also while the sink takes nothing. One that is configured no more, or whose machine is gone, is waited for no longer. */
const FED_MS = 7 * DAY_MS

/**
 * Removes the oldest records up to the last one that is too old, which is signed before anything goes. Resolves to how many went. What
 * is signed and not removed, because the process ended between, goes the next time.
 */
export async function pruneAudit(
  database: Database,
  { before, key, writer, clock }: Pruning,
): Promise<number> {
  const last = await lastBefore(database, before, clock.now())
  if (last === undefined) return 0
  const isSigned = await database.transaction(async (sql) => {
    await holdHead(sql, database.engine)
    const identity = await readLog(sql)
    // With a key that the log does not name, what is left would look forged.
    if (identity?.keys.has(key.publicKey) !== true) return false
    const at = clock.now()
    const facts = { log: identity.log, signed: last.seq, hash: last.hash, at: at.toISOString() }
    const pruned = { ...signStatement('audit.pruned', facts, key), type: 'audit.pruned', at } as const
    await appendWithin(sql, database.engine, writer, [auditRow(pruned)])
    return true
  })
  return isSigned ? removeUpTo(database, last.seq) : 0
}

/**
 * The newest record that is too old, as long as all before it are too, no call of it is still open, and every sink that is fed has it.
 * Undefined while even the oldest became too old less than a day ago: one signed cut a day is enough.
 */
async function lastBefore(
  database: Database,
  before: Date,
  now: Date,
): Promise<{ seq: number; hash: string } | undefined> {
  const [oldest] = await database.all<{ at: number }>('SELECT at FROM audit ORDER BY seq LIMIT 1')
  if (oldest === undefined || oldest.at >= before.getTime() - DAY_MS) return undefined
  const [young] = await database.scan<{ seq: number }>(
    'SELECT seq FROM audit WHERE at >= $1 ORDER BY seq LIMIT 1',
    before.getTime(),
  )
  const [needed] = await database.all<{ open: number | null; sent: number | null }>(
    `SELECT (SELECT MIN(seq) FROM open_calls) AS open,
      (SELECT MIN(seq) FROM sink_cursors WHERE held_until > $1) AS sent`,
    now.getTime() - FED_MS,
  )
  const [last] = await database.all<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM audit WHERE seq < $1 AND seq < $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1',
    young?.seq ?? 0,
    needed?.open ?? Number.MAX_SAFE_INTEGER,
    needed?.sent ?? Number.MAX_SAFE_INTEGER,
  )
  return last
}

async function removeUpTo(database: Database, seq: number): Promise<number> {
  const words = database.engine === 'sqlite' ? 'rowid' : 'seq'
  let removed = 0
  for (;;) {
    const [first] = await database.all<{ seq: number | null }>('SELECT MIN(seq) AS seq FROM audit')
    const upTo = Math.min(seq, (first?.seq ?? seq + 1) + BATCH - 1)
    if (first?.seq === null || first === undefined || first.seq > seq) return removed
    removed += await database.transaction(async (sql) => {
      await sql.run(`DELETE FROM audit_words WHERE ${words} <= $1`, upTo)
      return sql.run('DELETE FROM audit WHERE seq <= $1', upTo)
    })
  }
}
