import type { ReadOutputAction } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'

/** The reading of a command's output as every edge asks for it. */
export interface ReadOutputInput {
  readonly command_id: CommandId
  readonly offset?: number
  readonly tail?: number
  readonly max_bytes?: number
  readonly stream?: ReadOutputAction['stream']
  readonly pattern?: string
  readonly wait_seconds?: number
}

/** Bytes of a page when the call names none: what a model reads at a glance. */
const PAGE_BYTES = 32_768

export function readOutputAction(input: ReadOutputInput): ReadOutputAction {
  const { command_id, offset = 0, tail, max_bytes, stream = 'output', pattern, wait_seconds = 0 } = input
  const bytes = max_bytes ?? (tail === undefined ? PAGE_BYTES : Math.min(tail, PAGE_BYTES))
  return {
    kind: 'get_command_output',
    command: command_id,
    stream,
    from: tail === undefined ? { offset } : { tailBytes: tail },
    bytes,
    ...(pattern !== undefined && { pattern }),
    waitMs: Math.ceil(wait_seconds * 1000),
  }
}
