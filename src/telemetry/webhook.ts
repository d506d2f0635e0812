import type { ApprovalView } from '../domain/approval.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { type Fetch, OutboundError } from '../outbound/fetch.ts'
import { signedHeaders } from '../outbound/webhook-signature.ts'

export interface WebhookSettings {
  readonly url: string
  readonly secret: string
  readonly format: 'json' | 'slack'
}

/** A request as approvers are told of it, with the address at which it is answered. */
export interface ApprovalNotice {
  readonly request: ApprovalView
  readonly url?: string
}

export interface WebhookParts {
  readonly clock: Clock
  readonly log: Log
  readonly fetch: Fetch
}

/** After each failure so long, then it is given up: a request can be found without its message. */
const RETRY_MS = [1_000, 5_000, 30_000] as const

/**
 * POSTs a notice, signed as Standard Webhooks say. Tried again with the same id, so that a receiver can tell a repeat. Follows no redirect. Never
 * rejects: what cannot be told is logged.
 */
export async function postNotice(
  notice: ApprovalNotice,
  settings: WebhookSettings,
  { clock, log, fetch }: WebhookParts,
): Promise<void> {
  const body = JSON.stringify(settings.format === 'slack' ? { text: slackText(notice) } : jsonBody(notice))
  const id = randomId('msg')
  for (const waitMs of [0, ...RETRY_MS]) {
    await clock.sleep(waitMs)
    const fault = await post(body, id, settings, { clock, fetch })
    if (fault === undefined) return
    log.warn('Approvers could not be told of a request', { command: notice.request.id, cause: fault })
  }
}

/** Undefined when it was taken. */
async function post(
  body: string,
  id: string,
  { url, secret }: WebhookSettings,
  { clock, fetch }: Pick<WebhookParts, 'clock' | 'fetch'>,
) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: signedHeaders({ id, body, at: clock.now(), secret }),
    })
    await response.body?.cancel()
    return response.ok ? undefined : `HTTP ${response.status}`
  } catch (cause) {
    return cause instanceof OutboundError ? cause.message : 'no connection'
  }
}

function jsonBody({ request, url }: ApprovalNotice) {
  const { id, requester, client, host, action, text, understood, classes, reason, rule, needed } = request
  const { expiresAt, digest } = request
  return {
    type: 'approval.requested',
    command_id: id,
    ...{ requester, client, host, action, text, understood, classes, reason, rule, needed, digest, url },
    expires_at: expiresAt.toISOString(),
  }
}

/** Slack reads `<`, `>` and `&` as its own; everything else in the text is printable ASCII already. */
function slackText({ request, url }: ApprovalNotice): string {
  const { requester, host = '', text, reason, rule, expiresAt } = request
  const plain = (part: string) =>
    part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/`/g, "'")
  return [
    `*${plain(requester)}* asks for approval on *${plain(host)}* (rule ${plain(rule)}):`,
    `\`${plain(text.slice(0, 1_000))}${text.length > 1_000 ? ' ...' : ''}\``,
    ...(reason === undefined ? [] : [`Because: ${plain(reason)}`]),
    `Until ${expiresAt.toISOString()}${url === undefined ? '' : `: ${url}`}`,
  ].join('\n')
}
