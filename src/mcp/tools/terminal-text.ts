import type { Answer } from '../../domain/answer.ts'
import type { TerminalView } from '../../domain/terminal.ts'
import { cleanedNotes } from './cleaned-text.ts'
import type { Mark } from './define-tool.ts'
import { fenced } from './run-text.ts'

/** A terminal as a model reads it: how it stands first, then what is on it, fenced by a mark that the host cannot forge. */
export function terminalText(
  { view, cleaned }: Extract<Answer, { kind: 'terminal_opened' | 'terminal_used' }>,
  mark: Mark,
): string {
  const { host, session, columns, rows, cursor, lines, unreadLines, lostLines } = view
  const body = fenced('terminal', lines.join('\n'), mark)
  return [
    `${host}: terminal ${session}, ${columns}x${rows}, ${standing(view)}`,
    `Cursor: row ${cursor.row}, column ${cursor.column} (from 0)`,
    ...(unreadLines > 0 ? [`${unreadLines} more line(s) to read: read: "changes".`] : []),
    ...(lostLines > 0 ? [`${lostLines} line(s) lost: too much came between two readings.`] : []),
    ...cleanedNotes(cleaned),
    ...(body.length === 0 ? ['(nothing new)'] : body),
  ].join('\n')
}

function standing({ isAlive, exitStatus, ended, isFullScreen, waited }: TerminalView): string {
  if (!isAlive) return `ENDED: ${exitStatus === undefined ? (ended ?? 'unknown') : `exit ${exitStatus}`}`
  const program = isFullScreen ? 'full-screen program, ' : ''
  return `${program}${WAITED[waited]}`
}

const WAITED = {
  quiet: 'quiet now',
  pattern: 'the pattern was found',
  time: 'still at work when the wait was over',
  ended: 'ended',
  cancelled: 'the wait was given up',
} as const satisfies Record<TerminalView['waited'], string>
