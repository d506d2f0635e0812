import * as z from 'zod'
import type { WireReplayed, WireRulesReplay } from '../../pipeline/wire-replay.ts'
import { defineOperation } from '../operation.ts'

const verdict = z.enum(['allow', 'approve', 'deny'])
const texts = z.array(z.string())
/** More than any set of rules that somebody has written. */
const MOST_CHARACTERS = 262_144

const Replayed = z.object({
  calls: z.int(),
  unchanged: z.int(),
  newly_denied: z.int(),
  newly_approve: z.int(),
  newly_allowed: z.int(),
  weaker: z.int().describe('Of these, those that fewer people would stand before.'),
  not_decided_by_rules: z.int().describe('Turned away by a limit or a lock: not compared.'),
  identity_incomplete: z.int().describe('Of before groups, roles and scopes were recorded: not compared.'),
  unreadable: z.int().describe('Records that could not be read.'),
  differences: z.array(
    z.object({
      person: z.string(),
      issuer: z.string(),
      hosts: texts,
      was: verdict,
      would_be: verdict,
      count: z.int(),
      newest_at: z.iso.datetime(),
      rules: texts.describe('That would decide.'),
      past_rules: texts.describe('That did.'),
      samples: texts.describe('What was asked, the first few.'),
    }),
  ),
  observed: z.array(z.object({ rule: z.string(), verdict, was: verdict, count: z.int() })),
}) satisfies z.ZodType<WireReplayed>

export const replayRules = defineOperation({
  id: 'replay_rules',
  method: 'POST',
  path: '/api/v1/rules/replay',
  summary:
    'Decides calls of the audit again under other roles and rules, a portion at a time. Nothing is saved. Needs mcp:audit and mcp:operate.',
  input: () =>
    z.strictObject({
      rules: z
        .string()
        .max(MOST_CHARACTERS)
        .describe('YAML with `roles`, `rules` or `people`; what it leaves out is as configured.'),
      since: z.iso.datetime({ offset: true }).describe('Calls from then on.'),
      after: z.int().min(0).exactOptional().describe('`next` of the portion before.'),
    }),
  result: z.object({
    problems: texts.describe(
      'Why the text could not be in force, with line and column; empty when it could.',
    ),
    replayed: Replayed.exactOptional().describe('Of this portion.'),
    next: z.int().exactOptional().describe('Absent when this was the last portion.'),
    reached_at: z.iso.datetime().exactOptional().describe('When the last call of it was made.'),
  }) satisfies z.ZodType<WireRulesReplay>,
  toAction: ({ rules: text, since, after = 0 }) => ({
    kind: 'replay_rules',
    text,
    since: new Date(since),
    after,
  }),
})
