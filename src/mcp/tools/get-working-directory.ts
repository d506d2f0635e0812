import * as z from 'zod'
import { HostArgument, SessionArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { DirectoryResult } from './results.ts'

export const getWorkingDirectory = defineTool({
  name: 'get_working_directory',
  title: 'Working directory',
  description: 'The directory in which your next command on a host runs. Scope: mcp:execute.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ host: HostArgument, session: SessionArgument }),
  output: DirectoryResult,
  answers: 'directory',
  toAction: ({ host, session }) => ({
    kind: 'get_working_directory',
    host,
    ...(session !== undefined && { session }),
  }),
  toText: ({ host, path }) => `${host}: ${path}`,
})
