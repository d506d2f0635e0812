import { z } from 'zod'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { SessionResult } from './results.ts'

export const openSession = defineTool({
  name: 'open_session',
  title: 'Open a session',
  description:
    'A separate shell state on a host in shell mode. Pass its handle as session; it ends when idle. Scope: mcp:execute.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z.strictObject({
      host: HostArgument,
      name: z.string().min(1).max(64).exactOptional(),
    }),
  output: SessionResult,
  answers: 'session_opened',
  toAction: ({ host, name }) => ({ kind: 'open_session', host, ...(name !== undefined && { name }) }),
  toText: ({ session }) =>
    `Opened session ${session.id} on ${session.host} (${session.shell}, in ${session.workingDirectory}).`,
})
