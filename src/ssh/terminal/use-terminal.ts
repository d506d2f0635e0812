import type { NotStarted } from '../../domain/outcome.ts'
import type { TerminalReading, TerminalStanding, UseTerminalAction } from '../../domain/terminal.ts'
import type { Clock } from '../../lib/clock.ts'
import { LineWatch } from './line-watch.ts'
import type { OwnedTerminal, TerminalBook } from './terminal-book.ts'
import { refusalOfInput, refused, typed } from './typing.ts'

/**
 * Types, waits and reads. Calls at one terminal take turns. Aborting `signal` ends the wait, not the terminal, and what came counts as
 * not read.
 */
export async function useTerminal(
  terminal: OwnedTerminal,
  action: UseTerminalAction,
  book: TerminalBook,
  clock: Clock,
  signal: AbortSignal,
): Promise<TerminalReading | NotStarted> {
  const { host, input, wait, resize, read } = action
  const { live } = terminal
  const matches = wait.pattern === undefined ? undefined : await patternOf(wait.pattern)
  if (typeof matches === 'string') return refused(host, matches)
  const unfit = refusalOfInput(host, input)
  if (unfit !== undefined) return unfit
  const turn = await terminal.turns.take(signal).catch(() => undefined)
  if (turn === undefined) return tooLate(host)
  try {
    if (!book.has(terminal)) return gone(host)
    if (input.length > 0 && !live.takesInput)
      return refused(host, 'the program in the terminal has not taken what was typed before')
    terminal.lastUsedAt = clock.now()
    terminal.uses += 1
    if (resize !== undefined) live.resize(resize)
    const { emulator, reader } = live
    const isNews = input.length > 0 && !emulator.isFullScreen
    const from = isNews ? emulator.topRow : reader.unreadFrom
    const watch = matches && new LineWatch(emulator, clock, matches, { from, isNews: input.length > 0 })
    for (const one of input) live.type(typed(one, { applicationCursor: emulator.applicationCursor }))
    const waited = await live.wait({ quietMs: wait.quietMs, waitMs: wait.waitMs, watch }, signal)
    terminal.lastUsedAt = clock.now()
    return readingOf(terminal, waited, read)
  } finally {
    turn()
  }
}

export function readingOf(
  { id, host, live }: OwnedTerminal,
  waited: TerminalStanding['waited'],
  read: UseTerminalAction['read'],
): TerminalReading {
  const { emulator, reader, end } = live
  // Nobody sees the answer of a call that was given up.
  const part = waited === 'cancelled' ? { lines: [], lostLines: 0, unreadLines: 0 } : reader.read(read)
  return {
    host,
    session: id,
    ...emulator.size,
    cursor: emulator.cursor,
    waited,
    ...part,
    isAlive: end === undefined,
    ...(end?.how === 'exited' && { exitStatus: end.code }),
    ...(end?.how === 'ended' && { ended: end.why }),
    isFullScreen: emulator.isFullScreen,
  }
}

/** The library for it is read from the disk with the first pattern. */
async function patternOf(pattern: string): Promise<((line: string) => boolean) | string> {
  const { linePattern } = await import('./line-pattern.ts')
  return linePattern(pattern)
}

function tooLate(host: OwnedTerminal['host']): NotStarted {
  const message = `The call was given up before its turn at the terminal on ${host} came. Nothing was typed.`
  return { kind: 'not_started', code: 'session_limit', message }
}

function gone(host: OwnedTerminal['host']): NotStarted {
  const message = `The terminal on ${host} ended before the turn of this call came. Nothing was typed.`
  return { kind: 'not_started', code: 'session_not_found', message }
}
