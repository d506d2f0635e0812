import type { DialectName } from './shell-dialect.ts'

/** What the supervisor said at the very end, out of the command's reach. */
export interface SessionReport {
  /** The shell's exit status, 128 + n when it died of signal n. */
  readonly status: number
  /** The shell, or what had replaced it, died of a signal. */
  readonly killed: boolean
  /** `ran`; In all other cases the command was not run: the saved state cannot be restored, the login shell is another one now, it cannot be started. */
  readonly how: 'ran' | 'anew' | 'other_shell' | 'no_start'
  /** What the login shell wrote about its state, whole, or undefined when it wrote none, too much, or it came damaged. */
  readonly state: Buffer | undefined
  readonly stateTooLarge: boolean
  readonly dialect: DialectName
  /** The login shell's name, e.g. `dash`. */
  readonly shell: string
}

const REPORT = /^=(\d+) ([01]) (ran|anew|other_shell|no_start) (\d+) (bash|zsh|posix) (\S+)$/

/**
 * Takes the supervisor's words out of a stream while it flows. They stand between marks of 128 random bits that only the supervisor
 * knows, and each is written in one piece, so what the command or its background jobs print can neither forge nor split them. Bytes
 * that might be the beginning of a mark are held back, and nothing else. What comes after the end is dropped: the call is over.
 */
export class SessionTrailer {
  readonly #mark: Buffer
  readonly #pass: (chunk: Buffer) => void
  readonly #chunks: Buffer[] = []
  #held: Buffer = Buffer.alloc(0)
  #ending: string | undefined

  /** `mark`: 32 characters, the same for both streams of one call. */
  constructor(mark: string, pass: (chunk: Buffer) => void) {
    this.#mark = Buffer.from(mark, 'latin1')
    this.#pass = pass
  }

  /** True once the end was seen: everything the command itself printed has been passed on. */
  get isOver(): boolean {
    return this.#ending !== undefined
  }

  write(chunk: Buffer): void {
    if (this.isOver) return
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = Buffer.alloc(0)
    while (rest.length > 0 && !this.isOver) {
      const at = rest.indexOf(this.#mark)
      if (at < 0) {
        const keep = this.#possibleStart(rest)
        this.#emit(rest.subarray(0, rest.length - keep))
        this.#held = rest.subarray(rest.length - keep)
        return
      }
      this.#emit(rest.subarray(0, at))
      const length = this.#frame(rest.subarray(at))
      if (length === undefined) {
        this.#held = rest.subarray(at)
        return
      }
      rest = rest.subarray(at + length)
    }
  }

  /** The channel is closed: what was held back was not ours after all. */
  end(): void {
    if (!this.isOver) this.#emit(this.#held)
    this.#held = Buffer.alloc(0)
  }

  /** Undefined until the end was seen, and on the stream whose end says nothing. */
  report(): SessionReport | undefined {
    const [, status, killed, how, bytes, dialect, shell] = REPORT.exec(this.#ending ?? '') ?? []
    if (status === undefined || shell === undefined) return undefined
    const state = Buffer.concat(this.#chunks)
    const whole = state.length === Number(bytes) && state.length > 0
    const stateTooLarge = Number(bytes) > MAX_STATE_BYTES
    return {
      status: Number(status),
      killed: killed === '1',
      how: how as SessionReport['how'],
      state: whole && !stateTooLarge ? state : undefined,
      stateTooLarge,
      dialect: dialect as DialectName,
      shell,
    }
  }

  /** The length of the frame at the beginning of `text`, taken in; undefined while it is not whole. */
  #frame(text: Buffer): number | undefined {
    const mark = this.#mark.length
    const kind = text[mark]
    if (kind === undefined) return undefined
    if (kind === '<'.charCodeAt(0)) {
      const close = text.indexOf(this.#mark, mark)
      if (close < 0 || text.length < close + mark + 2) return undefined
      this.#chunks.push(Buffer.from(text.subarray(mark + 1, close)))
      return close + mark + 2
    }
    const newline = text.indexOf('\n', mark)
    if (newline < 0) return undefined
    this.#ending = text.toString('latin1', mark, newline)
    return newline + 1
  }

  #possibleStart(text: Buffer): number {
    const first = this.#mark[0]
    for (let length = Math.min(this.#mark.length - 1, text.length); length > 0; length -= 1) {
      const at = text.length - length
      if (text[at] === first && text.compare(this.#mark, 0, length, at) === 0) return length
    }
    return 0
  }

  #emit(chunk: Buffer): void {
    if (chunk.length > 0) this.#pass(chunk)
  }
}

/** A larger state is not kept: it would be sent over the line twice with every call. */
export const MAX_STATE_BYTES = 1_048_576
