import type { Call } from './call.ts'
import type { NotStarted } from './outcome.ts'
import type { TerminalSize } from './terminal.ts'

/** A recording that is being made of a live terminal. */
export interface TerminalTape {
  /** What the host printed. A promise asks to wait with more. */
  output(chunk: Buffer): Promise<void> | undefined
  /** What is on its way to the host. Kept only when the terminal shows it. */
  typed(text: string): void
  resized(size: TerminalSize): void
  end(how: { readonly exitStatus?: number; readonly why?: string }): Promise<void>
}

/**
 * Begins a recording of a terminal that is not opened yet. Undefined where none is to be made; `NotStarted` where one must be and cannot,
 * and then the terminal must not be opened.
 */
export type RecordTerminal = (
  call: Call,
  size: TerminalSize,
) => Promise<TerminalTape | NotStarted | undefined>
