import * as z from 'zod'
import { CommandIdArgument } from './arguments.ts'
import { CancelResult } from './command-results.ts'
import { defineTool } from './define-tool.ts'
import { cancelText } from './page-text.ts'

export const cancelCommand = defineTool({
  name: 'cancel_command',
  title: 'Stop a command',
  description: 'End a running command of yours and tell what is known of its processes.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ command_id: CommandIdArgument }),
  output: CancelResult,
  answers: 'command_cancelled',
  toAction: ({ command_id }) => ({ kind: 'cancel_command', command: command_id }),
  toText: cancelText,
})
