import * as z from 'zod'
import type { WireCheck } from '../../pipeline/wire-check.ts'
import { CommandField, DirectoryField, HostField, SessionField, SudoField } from '../fields.ts'
import { defineOperation } from '../operation.ts'

const texts = z.array(z.string())

const Suggestion = z.object({
  verdict: z.enum(['allow', 'approve']),
  kind: z.enum(['command', 'tool', 'literal', 'scope', 'time', 'host']),
  say: z.string().describe('What to ask for instead, in words; the other members say the same for programs.'),
  command: z.string().exactOptional(),
  sudo: z.boolean().exactOptional(),
  tool: z.string().exactOptional(),
  path: z.string().exactOptional(),
  words: texts.exactOptional(),
  scopes: texts.exactOptional(),
  from: z.iso.datetime().exactOptional(),
  hosts: texts.exactOptional(),
})

const CheckResult = z.object({
  host: z.string(),
  command: z.string(),
  sudo: z.boolean(),
  verdict: z.enum(['allow', 'approve', 'deny']),
  rule: z.string().describe('The rule that decides; of several for the parts of one command, all.'),
  classes: texts.describe('The rights that it needs.'),
  understood: texts.describe(
    'A line for each program: its class, its words, and why it is not of class `read`.',
  ),
  would_run: z.string().exactOptional().describe('What is run in place of the text.'),
  code: z.string().exactOptional().describe('With `deny`: the code of the error that running it would give.'),
  why: z.string().exactOptional(),
  missing_scopes: texts.exactOptional(),
  approvers: texts.exactOptional().describe('With `approve`: roles that may say yes.'),
  approvals: z.int().exactOptional().describe('With `approve`: so many different people.'),
  suggestions: z
    .array(Suggestion)
    .describe('What would be allowed instead, the smallest change first. Each was put to the rules.'),
}) satisfies z.ZodType<WireCheck>

export const checkCommand = defineOperation({
  id: 'check_command',
  method: 'POST',
  path: '/api/v1/check',
  summary:
    'What the rules would say to you running a command, why, and what would be allowed instead. Runs nothing.',
  input: () =>
    z.strictObject({
      host: HostField,
      command: CommandField,
      session: SessionField,
      working_directory: DirectoryField,
      sudo: SudoField,
    }),
  result: CheckResult,
  toAction: ({ working_directory: workingDirectory, ...asked }) => ({
    kind: 'check_command',
    ...asked,
    ...(workingDirectory !== undefined && { workingDirectory }),
  }),
})
