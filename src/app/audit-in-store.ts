import type { Config } from '../config/config.ts'
import type { AuditSearch } from '../domain/audit-reading.ts'
import type { VerifyOptions } from '../evidence/log-verifier.ts'
import type { Verdict } from '../evidence/verdict.ts'
import { verifyLines } from '../evidence/verify-lines.ts'
import { type Clock, outlive, systemClock } from '../lib/clock.ts'
import { appendWithin, holdHead } from '../store/audit-append.ts'
import { indexBatch } from '../store/audit-index.ts'
import { nextSigningKey, readSigningKey, signingKeyPath } from '../store/audit-key-file.ts'
import {
  checkpointAfter,
  linesIn,
  newestRecords,
  placesOf,
  recordsOf,
  type StoredRecord,
} from '../store/audit-lines.ts'
import { auditRow } from '../store/audit-record.ts'
import { type Found, searchAudit } from '../store/audit-search.ts'
import { registerInstance } from '../store/instance.ts'
import { checkpointOf, headOf, readLog } from '../store/open-log.ts'
import { rotateKey } from '../store/rotate-key.ts'
import type { Database } from '../store/sql/database.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { ownPublicKeys } from './audit-reader.ts'
import { signingKeyOf } from './open-evidence.ts'

export interface Period {
  readonly since?: Date
  readonly until?: Date
}

/** Gives on the pages it is given. */
export type Watched = <T>(pages: AsyncIterable<readonly T[]>) => AsyncIterable<readonly T[]>

const asTheyAre: Watched = (pages) => pages

/** In one step, where no call waits. */
const INDEX_ROWS = 1_000

/** The audit as the command line has it: in the database of the configuration, whether a bridge runs or not. */
export class AuditInStore {
  readonly #config: Config
  readonly #clock: Clock
  readonly database: Database

  private constructor(config: Config, database: Database, clock: Clock) {
    this.#config = config
    this.database = database
    this.#clock = clock
  }

  /** @throws UnusableDatabase; what opening the database throws. */
  static async open(config: Config, clock: Clock = systemClock): Promise<AuditInStore> {
    return new AuditInStore(config, await openDatabase(config.storage.url, clock), clock)
  }

  close(): Promise<void> {
    return this.database.close()
  }

  /** Those that are trusted where nobody names others: of this storage directory, and of the configuration. */
  get ownKeys(): string[] {
    const { audit, storage } = this.#config
    const kept = ownPublicKeys(storage.directory)
    return audit.signingKey === undefined ? kept : [...kept, signingKeyOf(this.#config)().publicKey]
  }

  /** `watched` may look at the pages as they are read. */
  verify(options: VerifyOptions, watched: Watched = asTheyAre): Promise<Verdict> {
    return outlive(verifyLines(watched(linesIn(this.database)), options))
  }

  /** About how many records a period has: by where it begins and ends, without looking at each. */
  async count(period: Period): Promise<number> {
    const { after, upTo } = await placesOf(this.database, period)
    const [oldest] = await this.database.scan<{ seq: number }>('SELECT seq FROM audit ORDER BY seq LIMIT 1')
    const [newest] = await newestRecords(this.database, 1)
    return Math.max(0, Math.min(upTo, newest?.seq ?? 0) - Math.max(after, (oldest?.seq ?? 1) - 1))
  }

  /** What no bridge has indexed yet is indexed first. */
  async search(query: AuditSearch): Promise<Found> {
    const found = await searchAudit(this.database, query)
    if (found.unindexed === 0) return found
    while ((await indexBatch(this.database, INDEX_ROWS)) === INDEX_ROWS);
    return searchAudit(this.database, query)
  }

  newest(count: number): Promise<readonly StoredRecord[]> {
    return newestRecords(this.database, count)
  }

  after(seq: number): AsyncGenerator<readonly StoredRecord[]> {
    return recordsOf(this.database, seq)
  }

  /** The records of a period, up to a signature of the last one: one is made where there is none yet. */
  async *export(period: Period): AsyncGenerator<readonly StoredRecord[]> {
    const { after, upTo } = await placesOf(this.database, period)
    const signedAt = period.until === undefined ? undefined : await checkpointAfter(this.database, upTo)
    yield* recordsOf(this.database, after, signedAt ?? (await this.sign()))
  }

  /** Signs the last record. Resolves to the place of the signature. */
  async sign(): Promise<number> {
    const key = signingKeyOf(this.#config)()
    return this.#asInstance((instance) =>
      this.database.transaction(async (sql) => {
        await holdHead(sql, this.database.engine)
        const identity = await readLog(sql)
        if (identity === undefined) throw new Error('there is no audit yet')
        const checkpoint = checkpointOf(await headOf(sql), identity.log, key, this.#clock.now())
        await appendWithin(sql, this.database.engine, instance, [auditRow(checkpoint)])
        return (await headOf(sql)).seq
      }),
    )
  }

  /**
   * Puts a new key in the place of the one in the storage directory; bridges that run take it up with their next signature.
   * `isLost`: the one before is not there to sign the new one.
   */
  async rotateKey(isLost: boolean): Promise<string> {
    const { directory } = this.#config.storage
    const signedBy = isLost ? undefined : readSigningKey(signingKeyPath(directory))
    const { key, take } = nextSigningKey(directory)
    await this.#asInstance((writer) =>
      rotateKey(this.database, { key, writer, clock: this.#clock, ...(signedBy && { signedBy }) }),
    )
    take()
    return key.publicKey
  }

  async #asInstance<T>(work: (instance: { readonly id: string }) => Promise<T>): Promise<T> {
    const instance = await registerInstance(this.database, this.#clock)
    try {
      return await outlive(work(instance))
    } finally {
      await instance.close()
    }
  }
}
