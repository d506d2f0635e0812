import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent, AuditLog } from '../domain/audit.ts'
import type { Clock } from '../lib/clock.ts'
import { auditLine, type Redact } from './audit-record.ts'

const RETRY_MS = 1_000
/** Every write reaches the disk before it returns, in one system call; lines of several processes do not mix. */
const DURABLE_APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_DSYNC

interface Waiting {
  readonly lines: string
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/**
 * The audit as durable JSON lines, one file a UTC day: `audit-2026-11-23.jsonl`, mode 0600. Events that arrive while a write is
 * under way share the next one (group commit). When a write fails, every waiting append rejects, `problem` says why, and the log
 * tries again by itself each second; the first record after that is `audit.resumed`.
 *
 * Owns its file; `close` waits for what was appended before it.
 */
export class AuditFiles implements AuditLog {
  readonly #directory: string
  readonly #clock: Clock
  readonly #redact: Redact | undefined
  readonly #closing = new AbortController()
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #file: { day: string; handle: FileHandle; torn: boolean } | undefined
  #broken: { since: Date; cause: string } | undefined

  /** `redact` takes out of each text what must not be remembered. */
  constructor(directory: string, clock: Clock, redact?: Redact) {
    this.#directory = directory
    this.#clock = clock
    this.#redact = redact
  }

  append(...events: readonly AuditEvent[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error('the audit log is closed'))
    // While broken, only the retry writes: a call must not wait for a disk that is known to be full.
    if (this.#broken) return Promise.reject(new Error(this.#broken.cause))
    return this.#enqueue(events)
  }

  problem(): string | undefined {
    return this.#broken?.cause
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
    await this.#file?.handle.close().catch(() => undefined)
    this.#file = undefined
  }

  #enqueue(events: readonly AuditEvent[]): Promise<void> {
    const lines = events.map((event) => auditLine(event, this.#redact)).join('')
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    // What is appended in the same turn goes out in the same write.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#write(batch.map(({ lines }) => lines).join(''))
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        this.#breakDown(cause)
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(cause)
      }
    }
    // In the same turn as the last look: who appends because its event is durable begins anew.
    this.#writing = undefined
  }

  async #write(lines: string): Promise<void> {
    const file = await this.#today()
    // A torn last line, of this process or of one that was killed, is ended first: it stays visible and harms no other line.
    const bytes = Buffer.from(file.torn ? `\n${lines}` : lines)
    file.torn = true
    for (let written = 0; written < bytes.length; ) {
      written += (await file.handle.write(bytes, written)).bytesWritten
    }
    file.torn = false
  }

  async #today(): Promise<{ handle: FileHandle; torn: boolean }> {
    const day = this.#clock.now().toISOString().slice(0, 10)
    if (this.#file?.day === day) return this.#file
    await this.#file?.handle.close()
    this.#file = undefined
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const path = join(this.#directory, `audit-${day}.jsonl`)
    const torn = await endsTorn(path)
    const handle = await open(path, DURABLE_APPEND, 0o600)
    this.#file = { day, handle, torn }
    return this.#file
  }

  #breakDown(cause: unknown): void {
    const file = this.#file
    this.#file = undefined
    void file?.handle.close().catch(() => undefined)
    if (this.#broken) return
    // `/ready` tells it to everybody: without the path that Node.js appends.
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(/ '.*$/s, '')
    this.#broken = { since: this.#clock.now(), cause: `audit log: ${message}` }
    void this.#recover()
  }

  async #recover(): Promise<void> {
    while (this.#broken && !this.#closing.signal.aborted) {
      await this.#clock.sleep(RETRY_MS, this.#closing.signal).catch(() => undefined)
      if (this.#closing.signal.aborted) return
      const { since, cause } = this.#broken
      const resumed = this.#enqueue([{ type: 'audit.resumed', at: this.#clock.now(), since, cause }])
      await resumed.then(
        () => {
          this.#broken = undefined
        },
        () => undefined,
      )
    }
  }
}

async function endsTorn(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return false
  try {
    const { size } = await file.stat()
    if (size === 0) return false
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] !== 0x0a
  } finally {
    await file.close()
  }
}
