import type { HostName } from '../domain/host.ts'
import type { RecordingId, RecordingKind, RecordingState, RecordingSums } from '../domain/recording.ts'
import type { CastPage, KeptRecording, RecordingFilter } from '../domain/recording-reading.ts'
import { Summing, sumsOf } from './recording-rows.ts'
import { type PieceSeal, PLAIN, sealWith } from './recording-seal.ts'
import type { Database, SqlValue } from './sql/database.ts'

interface RecordingRow {
  readonly id: string
  readonly kind: string
  readonly call: string
  readonly person: string
  readonly name: string
  readonly host: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly state: string | null
  readonly why: string | null
  readonly key_id: string | null
  readonly bytes: number | null
  readonly pieces: number | null
  readonly sha256: string | null
  readonly stored_bytes: number | null
  readonly stored_sha256: string | null
}

/** It was encrypted with a key that is not in the configuration. */
export class NoSuchKey extends Error {}

/** Of one page, about. */
const PAGE_BYTES = 1_048_576

const COLUMNS =
  'id, kind, call, person, name, host, started_at, ended_at, state, why, key_id, bytes, pieces, sha256, stored_bytes, stored_sha256'

/** Reads what is kept, with the keys of now and of before. Whoever reads says so in the audit first. */
export class RecordingReader {
  readonly #database: Database
  readonly #keys: () => readonly string[]

  constructor(database: Database, keys: () => readonly string[]) {
    this.#database = database
    this.#keys = keys
  }

  /** Latest first. */
  async list({
    person,
    host,
    call,
    since,
    until,
    limit,
  }: RecordingFilter): Promise<readonly KeptRecording[]> {
    const values: SqlValue[] = []
    const where: string[] = []
    const given = (condition: (place: string) => string, value: SqlValue | undefined) => {
      if (value === undefined) return
      values.push(value)
      where.push(condition(`$${values.length}`))
    }
    const likeOf = person && `%${person.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
    given((at) => `(lower(name) LIKE ${at} ESCAPE '\\' OR lower(person) LIKE ${at} ESCAPE '\\')`, likeOf)
    given((at) => `host = ${at}`, host)
    given((at) => `call = ${at}`, call)
    given((at) => `started_at >= ${at}`, since?.getTime())
    given((at) => `started_at < ${at}`, until?.getTime())
    const conditions = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
    const rows = await this.#database.scan<RecordingRow>(
      `SELECT ${COLUMNS} FROM recordings ${conditions} ORDER BY started_at DESC, id LIMIT $${values.length + 1}`,
      ...values,
      limit,
    )
    return rows.map(recordingOf)
  }

  async find(id: RecordingId): Promise<KeptRecording | undefined> {
    const [row] = await this.#database.scan<RecordingRow>(
      `SELECT ${COLUMNS} FROM recordings WHERE id = $1`,
      id,
    )
    return row && recordingOf(row)
  }

  /** The asciicast, a piece at a time. @throws NoSuchKey, UnreadablePiece */
  async *castOf({ id, keyId }: Pick<KeptRecording, 'id' | 'keyId'>): AsyncGenerator<Buffer> {
    for await (const [, piece] of this.#openedOf(id, keyId, 0)) yield piece
  }

  /** The pieces behind `after`, and no more once they are a MiB. @throws NoSuchKey, UnreadablePiece */
  async pageOf({ id, keyId }: Pick<KeptRecording, 'id' | 'keyId'>, after: number): Promise<CastPage> {
    const pieces: Buffer[] = []
    let bytes = 0
    for await (const [n, piece] of this.#openedOf(id, keyId, after)) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes >= PAGE_BYTES) return { text: Buffer.concat(pieces).toString(), last: n }
    }
    const last = after + pieces.length
    return { text: Buffer.concat(pieces).toString(), ...(pieces.length > 0 && { last }) }
  }

  /** What the kept pieces add up to now. Without the key only the stored bytes are known: `sha256` is empty then. */
  async sumsOf({ id, keyId }: Pick<KeptRecording, 'id' | 'keyId'>): Promise<RecordingSums> {
    const [plain, stored] = [new Summing(), new Summing()]
    const seal = this.#hasKey(keyId) ? this.#sealOf(keyId) : undefined
    let pieces = 0
    for await (const [n, bytes] of this.#piecesOf(id)) {
      pieces += 1
      stored.add(bytes)
      if (seal !== undefined) plain.add(await seal.open(bytes, id, n))
    }
    return { ...sumsOf(plain, stored, pieces), ...(seal === undefined && { sha256: '' }) }
  }

  async *#openedOf(id: RecordingId, keyId: string | undefined, after: number) {
    const seal = this.#sealOf(keyId)
    for await (const [n, stored] of this.#piecesOf(id, after))
      yield [n, await seal.open(stored, id, n)] as const
  }

  async *#piecesOf(id: RecordingId, after = 0): AsyncGenerator<readonly [n: number, stored: Buffer]> {
    for (let n = after + 1; ; n += 1) {
      const [row] = await this.#database.scan<{ bytes: Buffer }>(
        'SELECT bytes FROM recording_pieces WHERE recording = $1 AND n = $2',
        id,
        n,
      )
      if (row === undefined) return
      yield [n, row.bytes]
    }
  }

  #hasKey(keyId: string | undefined): boolean {
    return keyId === undefined || this.#keys().some((key) => sealWith(key).keyId === keyId)
  }

  #sealOf(keyId: string | undefined): PieceSeal {
    if (keyId === undefined) return PLAIN
    const seal = this.#keys()
      .map(sealWith)
      .find((one) => one.keyId === keyId)
    if (seal === undefined)
      throw new NoSuchKey(
        `it was encrypted with a key (${keyId}) that is neither recording.encryption_key nor one of recording.former_encryption_keys`,
      )
    return seal
  }
}

function recordingOf(row: RecordingRow): KeptRecording {
  const facts = {
    id: row.id as RecordingId,
    kind: row.kind as RecordingKind,
    call: row.call,
    person: row.person,
    name: row.name,
    host: row.host as HostName,
    startedAt: new Date(row.started_at),
    keyId: row.key_id ?? undefined,
  }
  if (row.ended_at === null) return facts
  return {
    ...facts,
    endedAt: new Date(row.ended_at),
    end: {
      state: (row.state ?? 'cut') as RecordingState,
      ...(row.why !== null && { why: row.why }),
      bytes: row.bytes ?? 0,
      pieces: row.pieces ?? 0,
      sha256: row.sha256 ?? '',
      storedBytes: row.stored_bytes ?? 0,
      storedSha256: row.stored_sha256 ?? '',
    },
  }
}
