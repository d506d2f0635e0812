import type { Config } from '../config/config.ts'
import type { RecordingId, RecordingSums } from '../domain/recording.ts'
import type { KeptRecording, RecordingFilter } from '../domain/recording-reading.ts'
import { systemClock } from '../lib/clock.ts'
import { appendRowsTo } from '../store/audit-append.ts'
import { AuditStore } from '../store/audit-store.ts'
import { registerInstance } from '../store/instance.ts'
import { NoSuchKey, RecordingReader } from '../store/recording-reader.ts'
import { UnreadablePiece } from '../store/recording-seal.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { redactorOf } from './redaction.ts'

/** It cannot be read, whoever asks: why, in words. */
export class UnreadableRecording extends Error {}

/** What an asciicast was recorded as, in the audit, and what there is now. */
export interface Verification {
  readonly recording: KeptRecording
  /** As the audit has it; undefined while it is being written, or when there is no such record. */
  readonly recorded: Pick<RecordingSums, 'bytes' | 'pieces' | 'sha256' | 'storedSha256'> | undefined
  /** `sha256` is empty where the key is missing. Undefined when a piece cannot be opened. */
  readonly now: RecordingSums | undefined
}

/** Recordings as the command line has them: out of the database, whether a bridge runs or not. */
export class KeptRecordings {
  readonly #config: Config

  constructor(config: Config) {
    this.#config = config
  }

  list(filter: RecordingFilter): Promise<readonly KeptRecording[]> {
    return this.#reading((reader) => reader.list(filter))
  }

  find(id: RecordingId): Promise<KeptRecording | undefined> {
    return this.#reading((reader) => reader.find(id))
  }

  /** Says in the audit who reads it, then gives the asciicast piece by piece. @throws UnreadableRecording */
  async *read(recording: KeptRecording, how: 'play' | 'export', by: string): AsyncGenerator<Buffer> {
    await this.#note(recording, how, by)
    const database = await openDatabase(this.#config.storage.url, systemClock)
    try {
      yield* new RecordingReader(database, () => this.#config.recording.keys).castOf(recording)
    } catch (cause) {
      if (!(cause instanceof NoSuchKey || cause instanceof UnreadablePiece)) throw cause
      throw new UnreadableRecording(`${recording.id} cannot be read: ${cause.message}`, { cause })
    } finally {
      await database.close()
    }
  }

  async verify(recording: KeptRecording, by: string): Promise<Verification> {
    await this.#note(recording, 'verify', by)
    return this.#reading(async (reader, database) => {
      const now = await reader.sumsOf(recording).catch((cause: unknown) => {
        if (cause instanceof UnreadablePiece) return undefined
        throw cause
      })
      const rows = await database.scan<{ line: string }>(
        "SELECT line FROM audit WHERE call = $1 AND type = 'recording.finished' ORDER BY seq",
        recording.call,
      )
      const lines = rows.map(({ line }) => JSON.parse(line) as FinishedLine)
      const line = lines.filter((one) => one.recording === recording.id).at(-1)
      const recorded = line && {
        bytes: line.bytes,
        pieces: line.pieces,
        sha256: line.sha256,
        storedSha256: line.stored_sha256,
      }
      return { recording, recorded, now }
    })
  }

  async #reading<T>(
    work: (reader: RecordingReader, database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
  ): Promise<T> {
    const database = await openDatabase(this.#config.storage.url, systemClock)
    try {
      return await work(new RecordingReader(database, () => this.#config.recording.keys), database)
    } finally {
      await database.close()
    }
  }

  /** Rejects when that cannot be written: then nothing is read. */
  async #note(recording: KeptRecording, how: 'play' | 'export' | 'verify', by: string): Promise<void> {
    const redactor = redactorOf(this.#config)
    const database = await openDatabase(this.#config.storage.url, systemClock)
    // An instance of its own, for as long as it takes: what is written belongs to one.
    const instance = await registerInstance(database, systemClock)
    const redact = (text: string) => redactor.redact(text).text
    const audit = new AuditStore(appendRowsTo(database, instance), systemClock, redact)
    try {
      // guard: reading-is-audited
      await audit.append({
        type: 'recording.read',
        at: systemClock.now(),
        ...{ recording, how, by, edge: 'cli' as const },
      })
    } finally {
      await audit.close()
      await instance.close().catch(() => undefined)
      await database.close()
    }
  }
}

interface FinishedLine {
  readonly recording: string
  readonly bytes: number
  readonly pieces: number
  readonly sha256: string
  readonly stored_sha256: string
}
