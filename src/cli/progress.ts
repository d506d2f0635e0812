import process from 'node:process'
import { type Clock, systemClock } from '../lib/clock.ts'
import { printable } from '../lib/printable.ts'

/** How far a long piece of work is, for whoever waits at a terminal. */
export interface Progress {
  /** `done` of `total`, where that is known; `what` is being worked on just now. */
  at(done: number, total?: number, what?: string): void
  /** Lets something else be written to the terminal: the line is taken away before, and comes back by itself. */
  aside(write: () => void): void
  /** Takes the line away. */
  end(): void
}

export interface ProgressSettings {
  /** What is done: `Verifying the audit`. */
  readonly label: string
  /** What is counted. Without one, only the time and what is worked on are told. */
  readonly unit?: string
  /** `--json` and the like: nothing is shown. */
  readonly isQuiet?: boolean | undefined
}

/** What is done sooner than this is shown to nobody. */
const SHOW_AFTER_MS = 300
const REDRAW_MS = 100

let isSilenced = false

/** `--quiet`: from now on nobody is shown any progress. */
export function silenceProgress(): void {
  isSilenced = true
}

/** A line on standard error that is written over and over, where that is a terminal; nothing at all elsewhere. */
export function startProgress(settings: ProgressSettings): Progress {
  const { stderr, env } = process
  const isShown = stderr.isTTY === true && env.TERM !== 'dumb' && !isSilenced && settings.isQuiet !== true
  return isShown ? new ProgressLine(settings, stderr, systemClock) : SILENT
}

const SILENT: Progress = { at: () => undefined, aside: (write) => write(), end: () => undefined }

/** The pieces as they come, each counted by `sizeOf`. The line goes away with the last of them, or when nobody wants any more. */
export async function* counted<Piece>(
  pieces: AsyncIterable<Piece>,
  progress: Progress,
  sizeOf: (piece: Piece) => number,
  total?: number,
): AsyncGenerator<Piece> {
  let done = 0
  try {
    for await (const piece of pieces) {
      yield piece
      done += sizeOf(piece)
      progress.at(done, total)
    }
  } finally {
    progress.end()
  }
}

/** Where the line is written. */
interface Screen {
  readonly columns?: number
  write(text: string): unknown
}

export class ProgressLine implements Progress {
  readonly #settings: ProgressSettings
  readonly #screen: Screen
  readonly #clock: Clock
  readonly #startedMs: number
  readonly #ended = new AbortController()
  #now: { done: number; total: number | undefined; what: string | undefined } | undefined
  #drawnMs = Number.NEGATIVE_INFINITY
  #isThere = false

  constructor(settings: ProgressSettings, screen: Screen, clock: Clock) {
    this.#settings = settings
    this.#screen = screen
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
    void this.#keepDrawing()
  }

  at(done: number, total?: number, what?: string): void {
    this.#now = { done, total, what }
    this.#draw()
  }

  aside(write: () => void): void {
    this.#clear()
    write()
    this.#drawnMs = Number.NEGATIVE_INFINITY
  }

  end(): void {
    this.#ended.abort()
    this.#clear()
  }

  /** The time goes on while nothing is done. */
  async #keepDrawing(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      await this.#clock.sleep(REDRAW_MS, signal).catch(() => undefined)
      this.#draw()
    }
  }

  #draw(): void {
    const nowMs = this.#clock.monotonicMs()
    const tookMs = nowMs - this.#startedMs
    if (this.#ended.signal.aborted || tookMs < SHOW_AFTER_MS || nowMs - this.#drawnMs < REDRAW_MS) return
    this.#drawnMs = nowMs
    this.#isThere = true
    // One column is left free: a terminal that is filled to its edge begins a new line.
    const room = (this.#screen.columns || 80) - 1
    const text = progressText(this.#settings, this.#now, tookMs)
    this.#screen.write(`\r\u001b[2K${[...text].slice(0, room).join('')}`)
  }

  #clear(): void {
    if (this.#isThere) this.#screen.write('\r\u001b[2K')
    this.#isThere = false
  }
}

/** `Verifying the audit: 45% (450,000 of 1,000,000 records), 120,000/s, 5 s left`. */
export function progressText(
  { label, unit }: ProgressSettings,
  now:
    | { readonly done: number; readonly total: number | undefined; readonly what: string | undefined }
    | undefined,
  tookMs: number,
): string {
  const { done = 0, total, what } = now ?? {}
  const about = what === undefined ? '' : ` · ${printable(what)}`
  if (unit === undefined || (done === 0 && total === undefined))
    return `${label}: ${secondsText(tookMs)}${about}`
  const perSecond = done / (tookMs / 1_000)
  const rate = perSecond >= 10 ? `, ${amount(perSecond, unit)}/s` : `, ${secondsText(tookMs)}`
  if (total === undefined) return `${label}: ${amount(done, unit)} ${unit}${rate}${about}`
  const share = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total))
  const left =
    done === 0 || done >= total ? '' : `, ${secondsText(((total - done) / perSecond) * 1_000)} left`
  return `${label}: ${share}% (${amount(done, unit)} of ${amount(total, unit)} ${unit})${rate}${left}${about}`
}

/** Of bytes it is mebibytes that are counted. */
function amount(count: number, unit: string): string {
  return unit === 'MiB' ? (count / 1_048_576).toFixed(1) : Math.round(count).toLocaleString('en-US')
}

function secondsText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
