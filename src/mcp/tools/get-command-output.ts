import * as z from 'zod'
import { readOutputAction } from '../../pipeline/read-output-action.ts'
import { CommandIdArgument, WaitArgument } from './arguments.ts'
import { PageResult } from './command-results.ts'
import { defineTool } from './define-tool.ts'
import { pageText } from './page-text.ts'

export const getCommandOutput = defineTool({
  name: 'get_command_output',
  title: 'Read or follow a command',
  description: 'State and output of a command of yours, running or ended, page by page.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needsExecuteScope: true,
  input: () =>
    z.strictObject({
      command_id: CommandIdArgument,
      offset: z.int().min(0).exactOptional().describe('next_offset of the page before; default 0'),
      tail: z.int().min(1).exactOptional().describe('Instead: the last so many bytes'),
      max_bytes: z.int().min(256).max(1_048_576).exactOptional().describe('Default 32768'),
      stream: z.enum(['output', 'stdout', 'stderr']).exactOptional(),
      pattern: z
        .string()
        .min(1)
        .max(1_024)
        .exactOptional()
        .describe('Only lines that match (RE2), as offset:line'),
      wait_seconds: WaitArgument.describe('Wait for more at offset, or the end'),
    }),
  output: PageResult,
  answers: 'command_output',
  toAction: readOutputAction,
  toText: pageText,
})
