import type { WaitingAnswer } from '../domain/answer.ts'
import type { ApprovalView, GrantView } from '../domain/approval.ts'
import type { RunAction } from '../domain/call.ts'
import { NOTHING_CLEANED } from '../domain/cleaned.ts'
import { exactText } from './approvals/exact-text.ts'
import { wireCleaned } from './wire-cleaned.ts'
import type { WireRun } from './wire-command.ts'
import { type WireError, wireFailure } from './wire-error.ts'

/** A command that waits, in the shape of one that ran: clients that follow commands need nothing new. */
export function wireWaitingRun(answer: WaitingAnswer, { host }: RunAction): WireRun {
  return {
    host,
    command: answer.command ?? '',
    output: '',
    success: false,
    exit_status: null,
    stdout: '',
    stderr: '',
    signal: null,
    outcome: 'waiting_approval',
    outcome_reason: waitingText(answer),
    command_id: answer.commandId,
    state: 'waiting_approval',
    ...(answer.url !== undefined && { approval_url: answer.url }),
    duration_ms: 0,
    truncated: false,
    stdout_bytes: 0,
    stderr_bytes: 0,
    ...wireCleaned(NOTHING_CLEANED),
  }
}

/** Of any other action: it has no result yet, and says how to follow it. */
export function wireWaiting(answer: WaitingAnswer): WireError {
  return wireFailure('approval_required', waitingText(answer))
}

/** In words: who has to say yes, where, until when, and that it needs nothing more of the caller. */
export function waitingText(answer: WaitingAnswer): string {
  const { commandId, rule, needed, approvers, expiresAt, url, isRepeat } = answer
  const until = `until ${expiresAt.toISOString()}`
  const why = isRepeat
    ? 'The same was asked before and waits still.'
    : `Needs approval (rule ${exactText(rule)}).`
  if (approvers.length === 0) return `${why} NOT RUN; it waits as ${commandId}, ${until}. ${NOBODY_ASKED}`
  const who = approvers.map(exactText).join(' or ')
  return [
    why,
    `WAITING FOR APPROVAL as ${commandId}: ${needed} of ${who}, ${until}${url === undefined ? '' : `, at ${url}`}.`,
    'Nothing was run yet. Once approved it runs by itself, exactly as asked: do not ask again. Follow it with get_command_output, withdraw it with cancel_command.',
  ].join(' ')
}

/** Where the requester's client could have been asked, it was, and none of this is told. */
const NOBODY_ASKED =
  'Only its requester may approve it, through a client that can ask its user (MCP elicitation), and this one cannot: nobody is being asked, so do not wait for it. Tell your user: the same asked from such a client is put to them there, or a rule with effect: allow, or with approvers, lets it run.'

export type WireApproval = Omit<ApprovalView, 'id' | 'answers' | 'requestedAt' | 'expiresAt' | 'isOwn'> & {
  readonly command_id: string
  readonly answers: readonly (Omit<ApprovalView['answers'][number], 'at'> & { readonly at: string })[]
  readonly requested_at: string
  readonly expires_at: string
  readonly own: boolean
}

export function wireApproval(view: ApprovalView): WireApproval {
  const { id, requestedAt, expiresAt, isOwn, answers, ...same } = view
  return {
    command_id: id,
    ...same,
    answers: answers.map(({ at, ...answer }) => ({ ...answer, at: at.toISOString() })),
    requested_at: requestedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    own: isOwn,
  }
}

export type WireGrant = {
  readonly grant_id: string
  readonly requester: string
  readonly host?: string
  readonly action: string
  readonly text: string
  readonly rule: string
  readonly by: string
  readonly created_at: string
  readonly expires_at: string
}

export function wireGrant({ id, createdAt, expiresAt, ...same }: GrantView): WireGrant {
  return {
    grant_id: id,
    ...same,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
