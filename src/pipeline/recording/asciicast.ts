import type { TerminalSize } from '../../domain/terminal.ts'
import { escapedJson } from '../../lib/printable.ts'

/** What a recording begins with. No environment: it would hold more than was shown. */
export interface CastHeader {
  readonly size: TerminalSize
  readonly startedAt: Date
  readonly title: string
  readonly command?: string
}

/** `o` what was shown, `i` what was typed and shown, `r` the size, `m` a remark of the bridge, `x` the exit status. */
export type CastCode = 'o' | 'i' | 'r' | 'm' | 'x'

/** Whoever prints the file itself prints no control: what JSON would leave as it is, is escaped too. */
function json(value: unknown): string {
  return escapedJson(JSON.stringify(value))
}

/** The first line of an asciicast, version 3 (https://docs.asciinema.org/manual/asciicast/v3/). */
export function headerLine({ size, startedAt, title, command }: CastHeader): string {
  return `${json({
    version: 3,
    term: { cols: size.columns, rows: size.rows, type: 'xterm-256color' },
    timestamp: Math.floor(startedAt.getTime() / 1_000),
    ...(command !== undefined && { command }),
    title,
  })}\n`
}

/** Lines of events: each with the time since the one before, in seconds. What is rounded away is made up for by the next. */
export class CastLines {
  readonly #startedMs: number
  #toldMs = 0

  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  /** Of what happened at `atMs`; what comes late is told as if it were now. */
  line(atMs: number, code: CastCode, data: string): string {
    const sinceStartMs = Math.max(this.#toldMs, Math.round(atMs - this.#startedMs))
    const interval = (sinceStartMs - this.#toldMs) / 1_000
    this.#toldMs = sinceStartMs
    return `[${interval}, "${code}", ${json(data)}]\n`
  }
}

/** What a program without a terminal prints has bare line feeds; on a terminal each begins a new line only behind a carriage return. */
export class TerminalNewlines {
  #endsInReturn = false

  push(text: string): string {
    if (text === '') return text
    const before = this.#endsInReturn ? '\r' : ''
    this.#endsInReturn = text.endsWith('\r')
    return (before + text).replace(/(?<!\r)\n/g, '\r\n').slice(before.length)
  }
}
