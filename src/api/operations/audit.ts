import * as z from 'zod'
import type { AuditSearch } from '../../domain/audit-reading.ts'
import type { WireExported, WireFound, WireRecord, WireVerified } from '../../pipeline/wire-audit.ts'
import { defineOperation } from '../operation.ts'

/** In a query every value is text. */
const number = z.coerce.number<string>()
const word = (description: string) => z.string().min(1).max(1_024).exactOptional().describe(description)
const time = (description: string) => z.iso.datetime({ offset: true }).exactOptional().describe(description)

const MOST_FOUND = 500
const MOST_EXPORTED = 5_000
const NEEDS = 'For auditors: needs mcp:audit; without rules mcp:admin will do.'

const RecordResult = z.object({
  seq: z.int(),
  hash: z.string().describe('SHA-256 of its line.'),
  record: z.record(z.string(), z.unknown()).describe('As docs/AUDIT.md describes it.'),
}) satisfies z.ZodType<WireRecord>

export const searchAudit = defineOperation({
  id: 'search_audit',
  method: 'GET',
  path: '/api/v1/audit',
  summary: `Records by words and fields, the newest first. ${NEEDS}`,
  input: () =>
    z.strictObject({
      text: word('Words that all stand in the record; `nginx*` for a beginning.'),
      person: word('An e-mail address, a name or a subject.'),
      host: word('A host.'),
      action: word('Such as run, read_file.'),
      type: word('Such as call.finished.'),
      outcome: word('Such as completed, timed_out, deny.'),
      call: word('A call, and those made on its behalf.'),
      since: time('From then on.'),
      until: time('Before then.'),
      before: number.int().min(1).exactOptional().describe('Only records before this one: the next page.'),
      limit: number.int().min(1).max(MOST_FOUND).exactOptional().describe('How many; 50 when not given.'),
    }),
  result: z.object({
    records: z.array(RecordResult),
    unindexed: z.int().describe('Records that are not indexed yet and were not looked at.'),
  }) satisfies z.ZodType<WireFound>,
  toAction: ({ since, until, limit = 50, ...asked }) => {
    const period = {
      ...(since !== undefined && { since: new Date(since) }),
      ...(until !== undefined && { until: new Date(until) }),
    }
    return { kind: 'search_audit', query: { ...asked, ...period, limit } satisfies AuditSearch }
  },
})

export const readAuditRecord = defineOperation({
  id: 'read_audit_record',
  method: 'GET',
  path: '/api/v1/audit/record',
  summary: `One record. ${NEEDS}`,
  input: () => z.strictObject({ seq: number.int().min(1).describe('Its number.') }),
  result: RecordResult,
  toAction: ({ seq }) => ({ kind: 'read_audit_record', seq }),
})

export const exportAudit = defineOperation({
  id: 'export_audit',
  method: 'GET',
  path: '/api/v1/audit/export',
  summary: `The lines of the log as they are, page by page, for whoever verifies them. ${NEEDS}`,
  input: () =>
    z.strictObject({
      after: number
        .int()
        .min(0)
        .exactOptional()
        .describe('`next_after` of the page before; 0 when not given.'),
      limit: number
        .int()
        .min(1)
        .max(MOST_EXPORTED)
        .exactOptional()
        .describe('How many; 1000 when not given.'),
    }),
  result: z.object({
    lines: z.array(z.string()),
    next_after: z.int().exactOptional().describe('Absent when there is nothing more yet.'),
  }) satisfies z.ZodType<WireExported>,
  toAction: ({ after = 0, limit = 1_000 }) => ({ kind: 'export_audit', after, limit }),
})

export const verifyAudit = defineOperation({
  id: 'verify_audit',
  method: 'GET',
  path: '/api/v1/audit/verify',
  summary: `Whether every record is as it was written; goes through all of them. ${NEEDS}`,
  input: () => z.strictObject({}),
  result: z.object({
    good: z.boolean(),
    bad: z
      .object({ seq: z.int(), fault: z.string(), why: z.string() })
      .exactOptional()
      .describe('The first record that is not.'),
    log: z.string().exactOptional(),
    records: z.int(),
    signed_to: z.int(),
    unsigned: z.int().describe('Records after the last signature.'),
  }) satisfies z.ZodType<WireVerified>,
  toAction: () => ({ kind: 'verify_audit' }),
})
