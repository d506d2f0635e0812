import { createHash } from 'node:crypto'
import {
  type ChangeId,
  type ChangeRecord,
  type ChangeStore,
  isChangeId,
  type Kept,
  type KeptChange,
} from '../domain/change.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { changeRecordText, parseChangeRecord } from './change-record.ts'
import { type Held, toForgetFor } from './change-room.ts'
import type { Database, Sql } from './sql/database.ts'
import { exclusively } from './sql/exclusive.ts'

export interface ChangeLimits {
  /** 0: nothing is kept. */
  readonly retentionMs: number
  /** Of all changes together. */
  readonly totalBytes: number
}

/** What a change takes at least: many small ones must not go uncounted. */
const LEAST_BYTES = 4_096
const PIECE_BYTES = 256 * 1024
const FORGOTTEN_AT_ONCE = 20

/** Changes in the database: whoever shares it finds them, and all make room together. */
export class ChangeRows implements ChangeStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: () => ChangeLimits

  constructor(database: Database, clock: Clock, log: Log, limits: () => ChangeLimits) {
    this.#database = database
    this.#clock = clock
    this.#log = log
    this.#limits = limits
  }

  async keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept> {
    const { retentionMs, totalBytes } = this.#limits()
    if (retentionMs === 0) return { kind: 'not_kept', because: 'off' }
    const text = changeRecordText(checked(record))
    const bytes = Math.max(LEAST_BYTES, Buffer.byteLength(text) + (content?.length ?? 0))
    if (bytes > totalBytes) return { kind: 'not_kept', because: 'too_large' }
    await this.sweep()
    // What one keeps is what the next one has less.
    await exclusively(this.#database, 'changes', async (sql) => {
      await makeRoom(sql, bytes, totalBytes)
      await sql.run(
        'INSERT INTO changes (id, owner, at, bytes, record) VALUES ($1, $2, $3, $4, $5)',
        record.id,
        record.owner,
        record.at.getTime(),
        bytes,
        text,
      )
      for (const [number, piece] of piecesOf(content).entries())
        await sql.run(
          'INSERT INTO change_content (change, number, bytes) VALUES ($1, $2, $3)',
          record.id,
          number,
          piece,
        )
    })
    return { kind: 'kept' }
  }

  async drop({ id }: ChangeRecord): Promise<void> {
    await this.#database.transaction((sql) => forget(sql, id))
  }

  async find(owner: string, id: ChangeId): Promise<KeptChange | undefined> {
    const [row] = await this.#database.all<{ record: string }>(
      'SELECT record FROM changes WHERE id = $1 AND owner = $2',
      id,
      owner,
    )
    if (row === undefined) return undefined
    const record = parseChangeRecord(row.record)
    // guard: changes-expire
    if (record !== undefined && record.at.getTime() <= this.#oldestMs()) return undefined
    const kept = record && (await this.#withContent(record))
    if (kept !== undefined && kept.record.id === id && kept.record.owner === owner) return kept
    this.#log.warn('a kept change is damaged and was dropped', { change: id })
    await this.#database.transaction((sql) => forget(sql, id))
    return undefined
  }

  async list(owner: string): Promise<readonly ChangeRecord[]> {
    const rows = await this.#database.scan<{ record: string }>(
      'SELECT record FROM changes WHERE owner = $1 AND at > $2 ORDER BY at DESC',
      owner,
      this.#oldestMs(),
    )
    return rows
      .flatMap(({ record }) => parseChangeRecord(record) ?? [])
      .filter((record) => record.owner === owner)
  }

  /** Forgets what is too old, whosever it is, in steps that hold up nobody. */
  async sweep(): Promise<void> {
    for (;;) {
      const old = await this.#database.all<{ id: string }>(
        `SELECT id FROM changes WHERE at <= $1 ORDER BY at LIMIT ${FORGOTTEN_AT_ONCE}`,
        this.#oldestMs(),
      )
      if (old.length === 0) return
      await this.#database.transaction(async (sql) => {
        for (const { id } of old) await forget(sql, id)
      })
    }
  }

  /** Undefined when it is not whole, down to the last byte of what was kept. */
  async #withContent(record: ChangeRecord): Promise<KeptChange | undefined> {
    const pieces = await this.#database.scan<{ bytes: Buffer }>(
      'SELECT bytes FROM change_content WHERE change = $1 ORDER BY number',
      record.id,
    )
    if (record.before.kind === 'absent') return pieces.length === 0 ? { record } : undefined
    const content = Buffer.concat(pieces.map(({ bytes }) => bytes))
    const sha256 = createHash('sha256').update(content).digest('hex')
    return sha256 === record.before.sha256 ? { record, content } : undefined
  }

  #oldestMs(): number {
    return this.#clock.now().getTime() - this.#limits().retentionMs
  }
}

/** So that so many bytes fit. */
async function makeRoom(sql: Sql, bytes: number, totalBytes: number): Promise<void> {
  const held = await sql.all<{ owner: string; bytes: number }>(
    'SELECT owner, CAST(SUM(bytes) AS BIGINT) AS bytes FROM changes GROUP BY owner',
  )
  if (held.reduce((sum, each) => sum + each.bytes, bytes) <= totalBytes) return
  const all = await sql.all<Held>('SELECT id, owner, bytes FROM changes ORDER BY at')
  for (const id of toForgetFor(bytes, totalBytes, all)) await forget(sql, id)
}

async function forget(sql: Sql, id: string): Promise<void> {
  await sql.run('DELETE FROM change_content WHERE change = $1', id)
  await sql.run('DELETE FROM changes WHERE id = $1', id)
}

function piecesOf(content: Buffer = Buffer.alloc(0)): Buffer[] {
  return Array.from({ length: Math.ceil(content.length / PIECE_BYTES) }, (_, index) =>
    Buffer.from(content.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)),
  )
}

/** @throws TypeError when it is no change id. */
function checked(record: ChangeRecord): ChangeRecord {
  if (!isChangeId(record.id)) throw new TypeError(`not a change id: ${JSON.stringify(record.id)}`)
  return record
}
