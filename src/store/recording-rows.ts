import { createHash } from 'node:crypto'
import type {
  RecordingEnd,
  RecordingFacts,
  RecordingId,
  RecordingStore,
  RecordingSums,
  RecordingWriter,
} from '../domain/recording.ts'
import type { PieceSeal } from './recording-seal.ts'
import type { Database } from './sql/database.ts'
import { forUpdate } from './sql/exclusive.ts'

/** Somebody else has closed it, or is about to: its instance was taken for dead. */
class RecordingClosed extends Error {}

const IS_OWN = (instance: string) => `ended_at IS NULL AND instance = ${instance}`

/** Recordings in the database, written by one instance. */
export class RecordingRows implements RecordingStore {
  readonly #database: Database
  readonly #instance: () => string
  readonly #seal: () => PieceSeal

  /** Both are asked at each beginning: a reload may change the key, and an instance that was given up is another one. */
  constructor(database: Database, instance: () => string, seal: () => PieceSeal) {
    this.#database = database
    this.#instance = instance
    this.#seal = seal
  }

  get isEncrypted(): boolean {
    return this.#seal().keyId !== undefined
  }

  async begin({ id, kind, call, person, name, host, startedAt }: RecordingFacts): Promise<RecordingWriter> {
    const seal = this.#seal()
    const instance = this.#instance()
    await this.#database.run(
      `INSERT INTO recordings (id, kind, call, person, name, host, instance, started_at, key_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      id,
      kind,
      call,
      person,
      name,
      host,
      instance,
      startedAt.getTime(),
      seal.keyId ?? null,
    )
    return new Writer(this.#database, id, instance, seal)
  }

  async close(id: RecordingId, end: RecordingEnd, at: Date): Promise<void> {
    const { state, why, bytes, pieces, sha256, storedBytes, storedSha256 } = end
    await this.#database.run(
      `UPDATE recordings SET ended_at = $1, state = $2, why = $3, bytes = $4, pieces = $5, sha256 = $6, stored_bytes = $7,
        stored_sha256 = $8 WHERE id = $9 AND ended_at IS NULL`,
      at.getTime(),
      state,
      why ?? null,
      bytes,
      pieces,
      sha256,
      storedBytes,
      storedSha256,
      id,
    )
  }
}

class Writer implements RecordingWriter {
  readonly #database: Database
  readonly #id: RecordingId
  readonly #instance: string
  readonly #seal: PieceSeal
  readonly #plain = new Summing()
  readonly #stored = new Summing()
  #pieces = 0

  constructor(database: Database, id: RecordingId, instance: string, seal: PieceSeal) {
    this.#database = database
    this.#id = id
    this.#instance = instance
    this.#seal = seal
  }

  async add(lines: Buffer): Promise<void> {
    const n = this.#pieces + 1
    const stored = await this.#seal.seal(lines, this.#id, n)
    const added = await this.#database.run(
      `INSERT INTO recording_pieces (recording, n, bytes)
        SELECT id, CAST($2 AS BIGINT), $3 FROM recordings WHERE id = $1 AND ${IS_OWN('$4')}${forUpdate(this.#database)}`,
      this.#id,
      n,
      stored,
      this.#instance,
    )
    if (added === 0) throw new RecordingClosed('another instance has closed the recording')
    this.#pieces = n
    this.#plain.add(lines)
    this.#stored.add(stored)
  }

  async isOwn(): Promise<boolean> {
    const own = await this.#database.all(
      `SELECT 1 FROM recordings WHERE id = $1 AND ${IS_OWN('$2')}`,
      this.#id,
      this.#instance,
    )
    return own.length > 0
  }

  get sums(): RecordingSums {
    return sumsOf(this.#plain, this.#stored, this.#pieces)
  }
}

/** How many bytes there were, and their digest so far. */
export class Summing {
  readonly #hash = createHash('sha256')
  bytes = 0

  add(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.bytes += bytes.length
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }
}

export function sumsOf(plain: Summing, stored: Summing, pieces: number): RecordingSums {
  return {
    bytes: plain.bytes,
    pieces,
    sha256: plain.sha256,
    storedBytes: stored.bytes,
    storedSha256: stored.sha256,
  }
}
