import * as z from 'zod'
import type { Answer } from '../../domain/answer.ts'
import { USUAL_TERMINAL } from '../../domain/terminal.ts'
import type { WireSession } from '../../pipeline/wire-session.ts'
import { HostArgument } from './arguments.ts'
import { defineTool, type Mark } from './define-tool.ts'
import { SizeArguments, sizeOf } from './terminal-arguments.ts'
import { terminalText } from './terminal-text.ts'

/** What both kinds have; of a terminal the screen is there too. */
const OpenedResult = z.looseObject({
  session: z.string(),
  kind: z.enum(['shell', 'terminal']),
}) satisfies z.ZodType<Pick<WireSession, 'session' | 'kind'>>

export const openSession = defineTool({
  name: 'open_session',
  title: 'Open a session',
  description:
    'A separate shell state on a host in shell mode, to pass as session; or a live terminal for use_terminal. Ends when idle. Scope: mcp:execute.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        host: HostArgument,
        name: z.string().min(1).max(64).exactOptional(),
        kind: z.enum(['shell', 'terminal']).exactOptional(),
        ...SizeArguments,
      })
      .refine(
        ({ kind, columns, rows }) => kind === 'terminal' || (columns === undefined && rows === undefined),
        'columns and rows belong to kind: terminal',
      )
      .refine(
        ({ kind, name }) => kind !== 'terminal' || name === undefined,
        'a terminal has no name: it is found by its handle',
      ),
  output: OpenedResult,
  answers: ['session_opened', 'terminal_opened'],
  toAction: ({ host, name, kind, columns, rows }) => ({
    kind: 'open_session',
    host,
    ...(name !== undefined && { name }),
    ...(kind === 'terminal' && { terminal: { ...USUAL_TERMINAL, ...sizeOf(columns, rows) } }),
  }),
  toText: openedText,
})

function openedText(
  answer: Extract<Answer, { kind: 'session_opened' | 'terminal_opened' }>,
  mark: Mark,
): string {
  if (answer.kind === 'terminal_opened') return terminalText(answer, mark)
  const { id, host, shell, workingDirectory } = answer.session
  return `Opened session ${id} on ${host} (${shell}, in ${workingDirectory}).`
}
