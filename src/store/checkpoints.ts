import type { Log } from '../domain/log.ts'
import type { SigningKey } from '../evidence/keys.ts'
import type { Clock } from '../lib/clock.ts'
import { appendWithin, holdHead, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import { checkpointOf, headOf, type LogIdentity, readLog } from './open-log.ts'
import type { Database } from './sql/database.ts'

export interface CheckpointSettings {
  /** So many records without a signature at most, … */
  readonly records: number
  /** … and so long after the first of them. */
  readonly afterMs: number
}

export interface CheckpointParts {
  readonly database: Database
  readonly identity: LogIdentity
  /** Asked each time: it may be another one after a rotation. */
  readonly key: () => SigningKey
  readonly writer: Writer
  readonly settings: CheckpointSettings
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

/**
 * Signs the end of the log again and again, beside the calls. A record is signed after it is durable, and by the one directly behind it. Of
 * several instances each signs for itself, unless another has just done so.
 */
export class Checkpoints {
  readonly #parts: CheckpointParts
  readonly #closing = new AbortController()
  #keys: ReadonlySet<string>
  #unsigned = 0
  #due: AbortController | undefined
  #signing: Promise<void> | undefined
  #isStranger = false

  constructor(parts: CheckpointParts) {
    this.#parts = parts
    this.#keys = parts.identity.keys
  }

  /** So many records were appended by this instance. */
  appended(records: number): void {
    this.#unsigned += records
    if (this.#unsigned >= this.#parts.settings.records) void this.sign()
    else if (this.#due === undefined) void this.#signLater()
  }

  /** Signs what is not signed yet. Never rejects: what fails is tried again later. */
  sign(): Promise<void> {
    this.#due?.abort()
    this.#due = undefined
    this.#signing ??= this.#signNow().finally(() => {
      this.#signing = undefined
      // What came meanwhile has asked for a signature already, and got this one.
      if (this.#unsigned > 0 && this.#due === undefined) void this.#signLater()
    })
    return this.#signing
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#signing
    if (this.#unsigned > 0) await this.sign()
  }

  async #signLater(): Promise<void> {
    const due = new AbortController()
    this.#due = due
    const { clock, settings } = this.#parts
    const over = AbortSignal.any([due.signal, this.#closing.signal])
    await clock.sleep(settings.afterMs, over).then(
      () => this.sign(),
      () => undefined,
    )
  }

  async #signNow(): Promise<void> {
    const { database, identity, writer, clock, log } = this.#parts
    this.#unsigned = 0
    try {
      const key = this.#parts.key()
      if (!(await this.#isKnown(key))) return
      await database.transaction(async (sql) => {
        // Nothing comes between: a signature from before that is put at the end of a log is told by that.
        await holdHead(sql, database.engine)
        const head = await headOf(sql)
        if (head.type === 'audit.checkpoint') return
        const checkpoint = checkpointOf(head, identity.log, key, clock.now())
        await appendWithin(sql, database.engine, writer, [auditRow(checkpoint)])
      })
    } catch (cause) {
      this.#unsigned += 1
      log.error('The audit could not be signed; it is tried again', { cause: String(cause) })
    }
  }

  /** A key that the log does not name would make it look forged. */
  async #isKnown({ publicKey }: SigningKey): Promise<boolean> {
    if (!this.#keys.has(publicKey)) this.#keys = (await readLog(this.#parts.database))?.keys ?? this.#keys
    const isKnown = this.#keys.has(publicKey)
    if (!isKnown && !this.#isStranger)
      this.#parts.log.error(
        'This instance does not sign the audit: its key is not one of the log. Give all instances the same audit.signing_key, or run: ssh-mcp-bridge audit rotate-key',
      )
    this.#isStranger = !isKnown
    return isKnown
  }
}
