import type { AuditEvent } from '../domain/audit.ts'
import type { Log } from '../domain/log.ts'
import type { SigningKey } from '../evidence/keys.ts'
import type { Clock } from '../lib/clock.ts'
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
  readonly append: (event: AuditEvent) => Promise<void>
  readonly settings: CheckpointSettings
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

/**
 * Signs the end of the log again and again, beside the calls: none waits for it. A record is signed after it is durable. Of several
 * instances each signs for itself, unless another has just done so.
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

  /** Signs what is not signed yet. Never rejects: what fails is tried again with what is appended next. */
  sign(): Promise<void> {
    this.#due?.abort()
    this.#due = undefined
    this.#signing ??= this.#signNow().finally(() => {
      this.#signing = undefined
    })
    return this.#signing
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#due?.abort()
    await this.#signing
    if (this.#unsigned > 0) await this.sign()
  }

  async #signLater(): Promise<void> {
    const due = new AbortController()
    this.#due = due
    const { clock, settings } = this.#parts
    await clock.sleep(settings.afterMs, due.signal).then(
      () => this.sign(),
      () => undefined,
    )
  }

  async #signNow(): Promise<void> {
    const { database, identity, append, clock, log } = this.#parts
    this.#unsigned = 0
    try {
      const key = this.#parts.key()
      if (!(await this.#isKnown(key))) return
      const head = await headOf(database)
      if (head.type === 'audit.checkpoint') return
      await append(checkpointOf(head, identity.log, key, clock.now()))
      // The checkpoint itself needs no signature of its own.
      this.#unsigned = Math.max(0, this.#unsigned - 1)
      if (this.#unsigned === 0) {
        this.#due?.abort()
        this.#due = undefined
      }
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
