import type { HostName } from './host.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

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
  /** Until nothing came for `quietMs`, or a line matches `pattern`; at most `waitMs`. */
  readonly wait: { readonly quietMs: number; readonly waitMs: number; readonly pattern?: string }
  /** `screen`: as it stands now, and how much scrolled by. `changes`: lines that are new since the last reading. */
  readonly read: 'screen' | 'changes'
  readonly resize?: TerminalSize
}

/** The screen as clean text: no control sequence is left in it. */
export interface TerminalView {
  readonly host: HostName
  readonly session: string
  readonly lines: readonly string[]
  readonly columns: number
  readonly rows: number
  readonly cursor: { readonly column: number; readonly row: number }
  /** Why the wait ended. */
  readonly waited: 'quiet' | 'pattern' | 'time' | 'ended'
  /** Lines that scrolled out of reach since the last reading. */
  readonly lostLines: number
  readonly isAlive: boolean
  readonly exitStatus?: number
  /** A program has switched to the alternate screen (an editor, a pager). */
  readonly isFullScreen: boolean
}
