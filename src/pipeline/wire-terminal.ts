import type { Answer } from '../domain/answer.ts'
import type { TerminalStanding } from '../domain/terminal.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

/** A terminal as it was read: clean text, no control sequence is left in it. */
export type WireTerminal = WireCleaned & {
  /** The handle to pass as `session`. */
  readonly session: string
  readonly kind: 'terminal'
  readonly host: string
  readonly lines: readonly string[]
  /** From 0, as counted on the screen. */
  readonly cursor: { readonly row: number; readonly column: number }
  readonly columns: number
  readonly rows: number
  /** Why the wait ended. */
  readonly waited: TerminalStanding['waited']
  readonly alive: boolean
  /** Of the shell, once it has ended by itself. */
  readonly exit_status: number | null
  /** Why it ended otherwise. */
  readonly ended?: string
  /** A program has the whole screen: an editor, a pager. */
  readonly full_screen: boolean
  /** To be had with `read: changes`. */
  readonly unread_lines: number
  /** Came and went between two readings, or did not fit into this answer. */
  readonly lost_lines: number
}

export function wireTerminal({
  view,
  cleaned,
}: Extract<Answer, { kind: 'terminal_opened' | 'terminal_used' }>): WireTerminal {
  return {
    session: view.session,
    kind: 'terminal',
    host: view.host,
    lines: view.lines,
    cursor: { row: view.cursor.row, column: view.cursor.column },
    columns: view.columns,
    rows: view.rows,
    waited: view.waited,
    alive: view.isAlive,
    exit_status: view.exitStatus ?? null,
    ...(view.ended !== undefined && { ended: view.ended }),
    full_screen: view.isFullScreen,
    unread_lines: view.unreadLines,
    lost_lines: view.lostLines,
    ...wireCleaned(cleaned),
  }
}
