import type { AuditLog } from '../domain/audit.ts'
import type { Log } from '../domain/log.ts'
import type { Meter } from '../domain/meter.ts'
import type { RecordingId, RecordingStore } from '../domain/recording.ts'
import type { KeptRecording } from '../domain/recording-reading.ts'
import type { Clock } from '../lib/clock.ts'
import type { RecordingReader } from './recording-reader.ts'
import type { Database } from './sql/database.ts'

export interface KeeperParts {
  readonly database: Database
  readonly instance: () => string
  readonly reader: RecordingReader
  readonly store: Pick<RecordingStore, 'close'>
  readonly audit: AuditLog
  /** Those that this instance is writing. */
  readonly open: () => ReadonlySet<RecordingId>
  readonly retentionMs: () => number
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

interface Found {
  readonly id: RecordingId
  readonly instance: string
}

const LOOK_MS = 10_000
/** Of this instance's own: one that is just being begun or closed is left alone. */
const OWN_MS = 60_000
const AT_ONCE = 100

/**
 * Closes what an instance left that is gone, and removes what has been kept long enough. Both are on record before. Of several instances
 * that see the same one takes it, and does so.
 */
export class RecordingKeeper {
  readonly #parts: KeeperParts

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** Looks now and every ten seconds, until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    while (!signal.aborted) {
      await this.look().catch((cause: unknown) =>
        log.warn('Recordings could not be looked through', { cause: String(cause) }),
      )
      await clock.sleep(LOOK_MS, signal).catch(() => undefined)
    }
  }

  async look(): Promise<void> {
    for (const found of await this.#left()) if (await this.#take(found)) await this.#cut(found.id)
    for (const found of await this.#old()) if (await this.#take(found)) await this.#remove(found.id)
  }

  /** Others declare an instance lost within seconds; this looks at their word alone. */
  async #left(): Promise<readonly Found[]> {
    const { database, instance, open, clock } = this.#parts
    const rows = await database.all<
      Found & { started_at: number; ended_at: number | null; process: string | null }
    >(
      `SELECT r.id, r.instance, r.started_at, i.ended_at, i.process FROM recordings r LEFT JOIN instances i ON i.id = r.instance
        WHERE r.ended_at IS NULL`,
    )
    const beforeMs = clock.now().getTime() - OWN_MS
    return rows.filter((row) =>
      row.instance === instance()
        ? !open().has(row.id) && row.started_at < beforeMs
        : row.ended_at !== null || row.process === null,
    )
  }

  /** From then on whoever wrote it adds nothing. False: another instance was quicker. */
  async #take({ id, instance }: Found): Promise<boolean> {
    // guard: recordings-are-taken-once
    const taken = await this.#parts.database.run(
      'UPDATE recordings SET instance = $1 WHERE id = $2 AND instance = $3',
      this.#parts.instance(),
      id,
      instance,
    )
    return taken > 0
  }

  async #cut(id: RecordingId): Promise<void> {
    const { reader, store, audit, clock, log, meter } = this.#parts
    const recording = await reader.find(id)
    if (recording === undefined || recording.endedAt !== undefined) return
    // Changed bytes are the record's to tell, too: what can be read of it no more has no digest of its text.
    const sums = await reader.sumsOf(recording).catch(() => reader.sumsOf({ ...recording, keyId: 'unknown' }))
    const end = { ...sums, state: 'cut', why: 'the instance that wrote it is gone' } as const
    const at = clock.now()
    await audit.append({ type: 'recording.finished', at, recording, end })
    await store.close(id, end, at)
    meter.recording?.('cut', 0)
    log.warn('A recording was cut off: its instance is gone', { recording: id })
  }

  /** Its own, and those of instances that are gone. */
  async #old(): Promise<readonly Found[]> {
    const { database, instance, retentionMs, clock } = this.#parts
    return database.all<Found>(
      `SELECT id, instance FROM recordings r WHERE started_at < $1 AND ended_at < $1
        AND (instance = $2 OR NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = r.instance AND i.ended_at IS NULL))
        ORDER BY started_at LIMIT ${AT_ONCE}`,
      clock.now().getTime() - retentionMs(),
      instance(),
    )
  }

  async #remove(id: RecordingId): Promise<void> {
    const { database, reader, audit, clock } = this.#parts
    const recording: KeptRecording | undefined = await reader.find(id)
    if (recording === undefined) return
    const sha256 = recording.end?.sha256 ?? ''
    await audit.append({ type: 'recording.removed', at: clock.now(), recording, sha256 })
    await database.transaction(async (sql) => {
      await sql.run('DELETE FROM recording_pieces WHERE recording = $1', id)
      await sql.run('DELETE FROM recordings WHERE id = $1', id)
    })
  }
}
