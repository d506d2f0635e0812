import * as z from 'zod'
import { readOutputAction } from '../../pipeline/read-output-action.ts'
import { CancelResult, PageResult } from '../command-results.ts'
import { CommandIdField } from '../fields.ts'
import { defineOperation } from '../operation.ts'

/** In a query every value is text. */
const number = z.coerce.number<string>()

const OF_ANYBODY = 'For operators: needs mcp:operate.'

export const getCommandOutput = defineOperation({
  id: 'get_command_output',
  method: 'GET',
  path: '/api/v1/commands/output',
  summary:
    'State and output of a command of yours, running or ended, page by page; with mcp:operate and `of_anybody`, of whoever it is.',
  input: () =>
    z.strictObject({
      command_id: CommandIdField,
      offset: number
        .int()
        .min(0)
        .exactOptional()
        .describe('`next_offset` of the page before; 0 when not given.'),
      tail: number.int().min(1).exactOptional().describe('Instead of an offset: the last so many bytes.'),
      max_bytes: number
        .int()
        .min(256)
        .max(1_048_576)
        .exactOptional()
        .describe('Of one page; 32768 when not given.'),
      stream: z
        .enum(['output', 'stdout', 'stderr'])
        .exactOptional()
        .describe('`output`, both as they came, when not given.'),
      pattern: z
        .string()
        .min(1)
        .max(1_024)
        .exactOptional()
        .describe('Only lines that match (RE2 syntax), each behind its byte offset.'),
      wait_seconds: number
        .min(0)
        .max(600)
        .exactOptional()
        .describe('Wait so long for more at the offset, or for the end.'),
      of_anybody: z.literal('true').exactOptional().describe(OF_ANYBODY),
    }),
  result: PageResult,
  toAction: ({ of_anybody, ...input }) => ({
    ...readOutputAction(input),
    ...(of_anybody !== undefined && { ofAnybody: true }),
  }),
})

export const cancelCommand = defineOperation({
  id: 'cancel_command',
  method: 'POST',
  path: '/api/v1/commands/cancel',
  summary:
    'End a running command of yours and tell what is known of its processes; with mcp:operate and `of_anybody`, of whoever it is.',
  input: () =>
    z.strictObject({
      command_id: CommandIdField,
      of_anybody: z.literal(true).exactOptional().describe(OF_ANYBODY),
    }),
  result: CancelResult,
  toAction: ({ command_id, of_anybody: ofAnybody }) => ({
    kind: 'cancel_command',
    command: command_id,
    ...(ofAnybody && { ofAnybody }),
  }),
})
