import { z } from 'zod'
import {
  CommandArgument,
  DirectoryArgument,
  HostArgument,
  SessionArgument,
  timeoutArgument,
} from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { RunResult } from './results.ts'
import { runText } from './run-text.ts'

export const executeCommand = defineTool({
  name: 'execute_command',
  title: 'Run a command',
  description:
    'Run a shell command on a host and return its output. Scopes: mcp:execute and those of the host (list_hosts).',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: (limits) =>
    z.strictObject({
      host: HostArgument,
      command: CommandArgument,
      session: SessionArgument,
      working_directory: DirectoryArgument,
      timeout_seconds: timeoutArgument(limits),
    }),
  output: RunResult,
  answers: 'ran',
  toAction: ({ host, command, session, working_directory, timeout_seconds }, limits) => ({
    kind: 'run',
    host,
    command,
    ...(session !== undefined && { session }),
    ...(working_directory !== undefined && { workingDirectory: working_directory }),
    timeoutMs: timeout_seconds === undefined ? limits.timeoutMs : Math.ceil(timeout_seconds * 1000),
  }),
  toText: runText,
})
