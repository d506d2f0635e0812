import { z } from 'zod'
import type { WireFacts } from '../../pipeline/wire-facts.ts'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { factsText } from './facts-text.ts'

/** Only what clients look for first; the rest is there too. */
const FactsResult = z.looseObject({
  host: z.string(),
  collected_at: z.string(),
  missing: z.array(z.looseObject({ part: z.string(), reason: z.string() })),
}) satisfies z.ZodType<Pick<WireFacts, 'host' | 'collected_at' | 'missing'>>

export const describeHost = defineTool({
  name: 'describe_host',
  title: 'Describe a host',
  description:
    'OS, CPU, memory, disks, load, failed units, listening ports and updates of a host. Cached for a minute. Scope: mcp:execute.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ host: HostArgument, refresh: z.boolean().exactOptional() }),
  output: FactsResult,
  answers: 'facts',
  toAction: ({ host, refresh }) => ({ kind: 'describe_host', host, refresh: refresh ?? false }),
  toText: ({ facts }, mark) => factsText(facts, mark),
})
