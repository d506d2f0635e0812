import * as z from 'zod'
import type { WireTerminal } from '../../pipeline/wire-terminal.ts'
import { defineTool } from './define-tool.ts'
import { FileHostArgument } from './file-arguments.ts'
import { InputArgument, inputOf, QuietArgument, SizeArguments, sizeOf } from './terminal-arguments.ts'
import { terminalText } from './terminal-text.ts'

/** Silence that ends a wait for nothing in particular. */
const QUIET_MS = 500
const WAIT_SECONDS = 10

/** What a client acts on; everything else is in `wire-terminal.ts`. */
const TerminalResult = z.looseObject({
  lines: z.array(z.string()),
  alive: z.boolean(),
}) satisfies z.ZodType<{ readonly [Member in keyof WireTerminal]?: unknown }>

export const useTerminal = defineTool({
  name: 'use_terminal',
  title: 'Use a terminal',
  description:
    'Type text and keys (Enter, Up, C-c, F1, …) into a terminal, wait until it is quiet or a new line matches pattern, read the screen.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z.strictObject({
      host: FileHostArgument,
      session: z.string(),
      input: InputArgument,
      pattern: z.string().exactOptional(),
      quiet_ms: QuietArgument,
      wait_seconds: z.number().min(0).max(60).exactOptional(),
      read: z.enum(['screen', 'changes']).exactOptional(),
      ...SizeArguments,
    }),
  output: TerminalResult,
  answers: 'terminal_used',
  toAction: ({ host, session, input = [], pattern, quiet_ms, wait_seconds, read, columns, rows }) => {
    const quietMs = quiet_ms ?? (pattern === undefined ? QUIET_MS : undefined)
    const resize = sizeOf(columns, rows)
    return {
      kind: 'use_terminal',
      host,
      session,
      input: input.map(inputOf),
      wait: {
        waitMs: (wait_seconds ?? WAIT_SECONDS) * 1000,
        ...(quietMs !== undefined && { quietMs }),
        ...(pattern !== undefined && { pattern }),
      },
      read: read ?? 'screen',
      ...(Object.keys(resize).length > 0 && { resize }),
    }
  },
  toText: terminalText,
})
