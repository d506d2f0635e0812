import { z } from 'zod'
import { CommandField, DirectoryField, HostField, SessionField, timeoutField } from '../fields.ts'
import { defineOperation } from '../operation.ts'
import { RunResult } from '../results.ts'

export const execute = defineOperation({
  id: 'execute_command',
  method: 'POST',
  path: '/api/v1/execute',
  summary: 'Run one shell command on a host. Closing the connection cancels it.',
  input: (limits) =>
    z.strictObject({
      host: HostField,
      command: CommandField,
      session: SessionField,
      working_directory: DirectoryField,
      timeout_seconds: timeoutField(limits),
    }),
  result: RunResult,
  toAction: ({ host, command, session, working_directory, timeout_seconds }, { timeoutMs }) => ({
    kind: 'run',
    host,
    command,
    ...(session !== undefined && { session }),
    ...(working_directory !== undefined && { workingDirectory: working_directory }),
    timeoutMs: timeout_seconds === undefined ? timeoutMs : Math.ceil(timeout_seconds * 1000),
  }),
})
