import * as z from 'zod'
import { HostArgument, SessionArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { ClosedResult } from './results.ts'

export const closeSession = defineTool({
  name: 'close_session',
  title: 'Close a session',
  description: 'Forget the shell state of a session on a host, or end a terminal. Scope: mcp:execute.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ host: HostArgument, session: SessionArgument }),
  output: ClosedResult,
  answers: 'session_closed',
  toAction: ({ host, session }) => ({
    kind: 'close_session',
    host,
    ...(session !== undefined && { session }),
  }),
  toText: ({ host, closed }) =>
    closed ? `The session on ${host} is closed.` : `There was no session on ${host} to close.`,
})
