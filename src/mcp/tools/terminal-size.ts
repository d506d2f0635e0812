import { z } from 'zod'
import { TERMINAL_BOUNDS, type TerminalSize } from '../../domain/terminal.ts'

/** The size of a terminal, as both tools that set it take it. */

const { least, most } = TERMINAL_BOUNDS

export const SizeArguments = {
  columns: z.int().min(least.columns).max(most.columns).exactOptional(),
  rows: z.int().min(least.rows).max(most.rows).exactOptional(),
}

/** Only what was asked for: the rest stays as it is. */
export function sizeOf(columns: number | undefined, rows: number | undefined): Partial<TerminalSize> {
  return { ...(columns !== undefined && { columns }), ...(rows !== undefined && { rows }) }
}
