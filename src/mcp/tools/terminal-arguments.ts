import * as z from 'zod'
import { TERMINAL_BOUNDS, type TerminalInput, type TerminalSize } from '../../domain/terminal.ts'

/** What is said to a terminal, and its size, which both tools take. Bounds are refused in words: in a schema each costs every conversation. */

const { least, most } = TERMINAL_BOUNDS

function whole(from: number, to: number) {
  const fits = (number: number) => Number.isInteger(number) && number >= from && number <= to
  return z.number().refine(fits, `must be a whole number from ${from} to ${to}`).exactOptional()
}

export const SizeArguments = {
  columns: whole(least.columns, most.columns),
  rows: whole(least.rows, most.rows),
}

/** Only what was asked for: the rest stays as it is. */
export function sizeOf(columns: number | undefined, rows: number | undefined): Partial<TerminalSize> {
  return { ...(columns !== undefined && { columns }), ...(rows !== undefined && { rows }) }
}

export const QuietArgument = whole(0, 60_000)

const MOST_INPUTS = 100

const OneInput = z.strictObject({ text: z.string().exactOptional(), key: z.string().exactOptional() })

export const InputArgument = z
  .array(OneInput.refine(({ text, key }) => (text === undefined) !== (key === undefined), 'give text or key'))
  .refine(({ length }) => length <= MOST_INPUTS, `must not be more than ${MOST_INPUTS}`)
  .exactOptional()

export function inputOf({ text, key = '' }: z.output<typeof OneInput>): TerminalInput {
  return text === undefined ? { kind: 'key', key } : { kind: 'text', text }
}
