import * as z from 'zod'
import { runAction } from '../../pipeline/run-action.ts'
import { waitingText } from '../../pipeline/wire-approval.ts'
import {
  CommandArgument,
  DirectoryArgument,
  HostArgument,
  SecretsArgument,
  SessionArgument,
  SudoArgument,
  timeoutArgument,
  WaitArgument,
} from './arguments.ts'
import { RunResult } from './command-results.ts'
import { defineTool } from './define-tool.ts'
import { runText } from './run-text.ts'

export const executeCommand = defineTool({
  name: 'execute_command',
  title: 'Run a command',
  description:
    'Run a shell command on a host and return its output. One that takes longer than wait_seconds goes on: its command_id is for get_command_output. Scopes: mcp:execute and those of the host.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  hasView: true,
  input: (limits) =>
    z.strictObject({
      host: HostArgument,
      command: CommandArgument,
      session: SessionArgument,
      working_directory: DirectoryArgument,
      sudo: SudoArgument,
      timeout_seconds: timeoutArgument(limits),
      wait_seconds: WaitArgument.describe(`Default ${limits.waitMs / 1000}`),
      detached: z
        .boolean()
        .exactOptional()
        .describe('Outlives connections and restarts; leaves the session alone'),
      idempotency_key: z
        .string()
        .min(1)
        .max(128)
        .exactOptional()
        .describe('Repeating a call with it never runs the command twice'),
      secrets: SecretsArgument,
      reason: z.string().min(1).max(1_024).exactOptional().describe('For an approver'),
    }),
  output: RunResult,
  answers: ['ran', 'waiting_approval'],
  toAction: (input, limits) => runAction(input, limits),
  toText: (answer, mark) => (answer.kind === 'ran' ? runText(answer, mark) : waitingText(answer)),
})
