import * as z from 'zod'
import { isTaintId } from '../../domain/taint.ts'
import type { WireTaint, WireTaintCleared } from '../../pipeline/wire-taint.ts'
import { defineOperation } from '../operation.ts'

const TaintResult = z.object({
  taint_id: z.string(),
  who: z.string(),
  client: z.string().exactOptional(),
  marks: z
    .array(z.object({ why: z.string(), host: z.string(), at: z.iso.datetime(), call: z.string() }))
    .describe('The first five.'),
  since: z.iso.datetime(),
  expires_at: z.iso.datetime().describe('It ends by itself then; put off whenever more is shown.'),
}) satisfies z.ZodType<WireTaint>

export const listTaints = defineOperation({
  id: 'list_taints',
  method: 'GET',
  path: '/api/v1/taints',
  summary: 'Callers that were shown what others may have written. Scope mcp:approve.',
  input: () => z.strictObject({}),
  result: z.object({ taints: z.array(TaintResult) }),
  toAction: () => ({ kind: 'list_taints' }),
})

export const clearTaint = defineOperation({
  id: 'clear_taint',
  method: 'POST',
  path: '/api/v1/taints/clear',
  summary:
    'Clear the taint of somebody else, or, with mcp:operate, of your own other client. Scope mcp:approve.',
  input: () =>
    z.strictObject({
      taint_id: z.string().refine(isTaintId, 'must be the id of a taint as /api/v1/taints lists them'),
      reason: z.string().min(1).max(1_024).exactOptional().describe('For the audit.'),
    }),
  result: z.object({ taint_id: z.string(), cleared: z.literal(true) }) satisfies z.ZodType<WireTaintCleared>,
  toAction: ({ taint_id, reason }) => ({
    kind: 'clear_taint',
    taint: taint_id,
    ...(reason !== undefined && { reason }),
  }),
})
