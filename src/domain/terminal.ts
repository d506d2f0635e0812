import type { HostName } from './host.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** What a terminal has when nobody says otherwise. */
export const USUAL_TERMINAL: TerminalSize = { columns: 80, rows: 24 }

/** What a program can still be drawn on, and what the memory of one terminal is bounded by. */
export const TERMINAL_BOUNDS = {
  least: { columns: 20, rows: 5 },
  most: { columns: 300, rows: 120 },
} as const satisfies Record<string, TerminalSize>

/** A key or a text for a terminal, in order. Keys by name: `Enter`, `Tab`, `Escape`, `Up`, `C-c`, `F1`, … */
export type TerminalInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'key'; readonly key: string }

/** Types into a live terminal of the caller's own, waits, and reads the screen. */
export interface UseTerminalAction {
  readonly kind: 'use_terminal'
  readonly host: HostName
  /** From `open_session` with `kind: terminal`. */
  readonly session: string
  readonly input: readonly TerminalInput[]
  /**
   * Until nothing came for `quietMs`, or a line matches `pattern` (RE2 syntax); at most `waitMs`. With input, only lines match that are
   * not as they were before it; without, any line of the screen and those not read yet.
   */
  readonly wait: { readonly quietMs?: number; readonly waitMs: number; readonly pattern?: string }
  /** `screen`: as it stands now. `changes`: lines that are new since the last reading; of a full-screen program the screen, if it changed. */
  readonly read: 'screen' | 'changes'
  /** What it leaves out stays as it is. */
  readonly resize?: Partial<TerminalSize>
}

/** How a terminal stands, whatever of it is read. */
export interface TerminalStanding {
  readonly host: HostName
  readonly session: string
  readonly columns: number
  readonly rows: number
  /** From 0, as counted on the screen. */
  readonly cursor: { readonly column: number; readonly row: number }
  /** Why the wait ended. */
  readonly waited: 'quiet' | 'pattern' | 'time' | 'ended' | 'cancelled'
  /** Lines that nobody read and nobody can read any more: too many came since the last reading. */
  readonly lostLines: number
  /** Lines that scrolled off the screen, or did not fit, and that the next reading of `changes` gives. */
  readonly unreadLines: number
  readonly isAlive: boolean
  /** Of the shell, when it ended by itself. */
  readonly exitStatus?: number
  /** Why it ended otherwise, in words. */
  readonly ended?: string
  /** A program has switched to the alternate screen (an editor, a pager). */
  readonly isFullScreen: boolean
}

/** A row as it stands on the screen. */
export interface TerminalLine {
  readonly text: string
  /** Its last column is written: what stands there may go on in the next row. */
  readonly goesOn: boolean
  /** Read as one line with the next row. */
  readonly joins: boolean
  /** False for a row that is there only so that a secret is recognized which begins or ends in it. */
  readonly isShown: boolean
}

/** What was read, secrets included. */
export interface TerminalReading extends TerminalStanding {
  readonly lines: readonly TerminalLine[]
}

/** What was read as clean text: no control sequence and no secret is left in it. */
export interface TerminalView extends TerminalStanding {
  readonly lines: readonly string[]
}
