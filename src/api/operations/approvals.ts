import * as z from 'zod'
import { ApprovalResult, ApprovalsResult, GrantsResult, RevokedResult } from '../approval-results.ts'
import { CommandIdField } from '../fields.ts'
import { defineOperation } from '../operation.ts'

/** A month. */
const MOST_GRANT_SECONDS = 2_678_400

export const listApprovals = defineOperation({
  id: 'list_approvals',
  method: 'GET',
  path: '/api/v1/approvals',
  summary: 'Requests that wait for approval: those you may answer, and your own. Scope mcp:approve.',
  input: () =>
    z.strictObject({
      all: z
        .enum(['true', 'false'])
        .exactOptional()
        .describe('`true`: those that are over too, as long as they are kept.'),
    }),
  result: ApprovalsResult,
  toAction: ({ all }) => ({ kind: 'list_approvals', all: all === 'true' }),
})

export const answerApproval = defineOperation({
  id: 'answer_approval',
  method: 'POST',
  path: '/api/v1/approvals/answer',
  summary:
    'Approve or deny a request of somebody else. Approved by as many people as its rule asks for, it is carried out by itself, once, exactly as asked. Scope mcp:approve.',
  input: () =>
    z.strictObject({
      command_id: CommandIdField,
      verdict: z.enum(['approve', 'deny']),
      digest: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'must be the digest of the request as /api/v1/approvals lists it')
        .describe('Of the request as you saw it: what has another digest is not approved.'),
      reason: z.string().min(1).max(1_024).exactOptional().describe('For the requester and the audit.'),
      grant_seconds: z
        .int()
        .min(60)
        .max(MOST_GRANT_SECONDS)
        .exactOptional()
        .describe('Let the same person do exactly the same on this host again, so long, without a question.'),
    }),
  result: ApprovalResult,
  toAction: ({ command_id, verdict, digest, reason, grant_seconds }) => ({
    kind: 'answer_approval',
    command: command_id,
    verdict,
    digest,
    ...(reason !== undefined && { reason }),
    ...(grant_seconds !== undefined && { grantMs: grant_seconds * 1_000 }),
  }),
})

export const listGrants = defineOperation({
  id: 'list_grants',
  method: 'GET',
  path: '/api/v1/grants',
  summary: 'Approvals that hold for a while: your own, and those you may revoke. Scope mcp:approve.',
  input: () => z.strictObject({}),
  result: GrantsResult,
  toAction: () => ({ kind: 'list_grants' }),
})

export const revokeGrant = defineOperation({
  id: 'revoke_grant',
  method: 'POST',
  path: '/api/v1/grants/revoke',
  summary: 'End a grant: the next call that it would have let through asks again. Scope mcp:approve.',
  input: () => z.strictObject({ grant_id: z.string().min(1).max(64) }),
  result: RevokedResult,
  toAction: ({ grant_id }) => ({ kind: 'revoke_grant', grant: grant_id }),
})
