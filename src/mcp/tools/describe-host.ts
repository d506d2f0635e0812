import * as z from 'zod'
import type { WireFacts } from '../../pipeline/wire-facts.ts'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { factsText } from './facts-text.ts'

/** The one member that is always there; the others are in the text too, and each conversation carries this. */
const FactsResult = z.looseObject({ host: z.string() }) satisfies z.ZodType<Pick<WireFacts, 'host'>>

export const describeHost = defineTool({
  name: 'describe_host',
  title: 'Describe a host',
  description:
    'OS, CPU, memory, disks, load, failed units, listening ports, updates. Cached 60 s. Scope: mcp:execute.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ host: HostArgument, refresh: z.boolean().exactOptional() }),
  output: FactsResult,
  answers: 'facts',
  toAction: ({ host, refresh }) => ({ kind: 'describe_host', host, refresh: refresh ?? false }),
  toText: ({ facts }, mark) => factsText(facts, mark),
})
