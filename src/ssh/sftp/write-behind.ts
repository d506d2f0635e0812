import type { Clock } from '../../lib/clock.ts'
import { ByteWindow } from './byte-window.ts'
import type { SftpHandle, SftpSession } from './sftp.ts'

export interface WriteBehindOptions {
  readonly offset: number
  /** The most bytes that are sent ahead of what the host has confirmed. */
  readonly windowBytes?: number
  readonly clock: Clock
}

/**
 * Writes a file from front to back with many requests under way at once. Pieces are gathered into requests of the host's largest size
 * and never copied, so whoever pushed one must not write into it afterwards.
 */
export class WriteBehind {
  readonly #sftp: SftpSession
  readonly #handle: SftpHandle
  readonly #clock: Clock
  readonly #window: ByteWindow
  #offset: number
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #openBytes = 0
  #openRequests = 0
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(sftp: SftpSession, handle: SftpHandle, { offset, windowBytes, clock }: WriteBehindOptions) {
    this.#sftp = sftp
    this.#handle = handle
    this.#clock = clock
    this.#offset = offset
    this.#window = new ByteWindow(windowBytes)
  }

  /** Resolves when more may be pushed: at once, or when the host has confirmed enough. Rejects with the first failed write. */
  async push(pieces: readonly Buffer[]): Promise<void> {
    const { writeBytes } = this.#sftp.limits
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0; ) {
        const part = rest.subarray(0, writeBytes - this.#gatheredBytes)
        rest = rest.subarray(part.length)
        this.#gathered.push(part)
        this.#gatheredBytes += part.length
        if (this.#gatheredBytes === writeBytes) this.#send()
      }
    }
    if (this.#openBytes >= this.#window.limitBytes)
      await this.#until(() => this.#openBytes < this.#window.limitBytes)
    this.#throwFailure()
  }

  /** Resolves when everything pushed is confirmed. */
  async finish(): Promise<void> {
    if (this.#gatheredBytes > 0) this.#send()
    await this.settle()
    this.#throwFailure()
  }

  /** Resolves when nothing is under way any more, failed or not: only then may the handle be closed. */
  async settle(): Promise<void> {
    await this.#until(() => this.#openRequests === 0)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #send(): void {
    const pieces = this.#gathered
    const bytes = this.#gatheredBytes
    this.#gathered = []
    this.#gatheredBytes = 0
    const offset = this.#offset
    this.#offset += bytes
    // After a failure the rest is dropped: it would only leave a hole.
    if (this.#failure !== undefined) return
    this.#openBytes += bytes
    this.#openRequests += 1
    const sentAtMs = this.#clock.monotonicMs()
    const over = () => {
      this.#openBytes -= bytes
      this.#openRequests -= 1
      this.#wake?.()
    }
    this.#sftp.writePieces(this.#handle, offset, pieces).then(
      () => {
        this.#window.answered(bytes, this.#clock.monotonicMs() - sentAtMs)
        over()
      },
      (error: unknown) => {
        this.#failure ??= { error }
        over()
      },
    )
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo())
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }
}
