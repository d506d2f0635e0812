import * as z from 'zod'
import type { WireApproval, WireGrant } from '../pipeline/wire-approval.ts'

/** What approvers are shown. Every text is escaped: nothing in it is not printable ASCII. */
export const ApprovalResult = z.object({
  command_id: z.string().describe('By it the request is answered, and its requester follows it.'),
  state: z.enum(['waiting', 'started', 'completed', 'denied', 'expired', 'cancelled', 'unknown']),
  requester: z.string(),
  client: z.string().exactOptional(),
  edge: z.string().describe('By which door it was asked.'),
  host: z.string().exactOptional(),
  action: z.string(),
  text: z.string().describe('All of it, escaped: a backslash stands as two, `\\x20{40}` for 40 spaces.'),
  understood: z.array(z.string()).describe('What the parser makes of a command, a line for each program.'),
  classes: z.array(z.string()),
  reason: z.string().exactOptional().describe("The requester's own words."),
  rule: z.string(),
  policy: z.string().exactOptional(),
  needed: z.int().describe('So many different people have to approve.'),
  answers: z.array(
    z.object({
      verdict: z.enum(['approve', 'deny']),
      as: z
        .enum(['person', 'confirmation'])
        .describe('`person`, or `confirmation`: the requester itself, where the rule takes that.'),
      by: z.string(),
      at: z.iso.datetime(),
      reason: z.string().exactOptional(),
    }),
  ),
  requested_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  digest: z.string().describe('SHA-256 of all that is asked; an answer has to name it.'),
  parent: z.string().exactOptional().describe('The call for many hosts that it belongs to.'),
  why: z.string().exactOptional().describe('How it ended.'),
  own: z.boolean().describe('You asked it yourself.'),
}) satisfies z.ZodType<WireApproval>

export const ApprovalsResult = z.object({ approvals: z.array(ApprovalResult) })

export const GrantsResult = z.object({
  grants: z.array(
    z.object({
      grant_id: z.string(),
      requester: z.string(),
      host: z.string().exactOptional(),
      action: z.string(),
      text: z.string(),
      rule: z.string(),
      by: z.string(),
      created_at: z.iso.datetime(),
      expires_at: z.iso.datetime(),
    }) satisfies z.ZodType<WireGrant>,
  ),
})

export const RevokedResult = z.object({ grant_id: z.string(), revoked: z.literal(true) })
