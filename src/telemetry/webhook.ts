import { createHmac } from 'node:crypto'
import type { ApprovalView } from '../domain/approval.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'

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

/** After each failure so long, then it is given up: a request can be found without its message. */
const RETRY_MS = [1_000, 5_000, 30_000] as const
const TIMEOUT_MS = 5_000

/**
 * POSTs a notice, signed as Standard Webhooks say: `webhook-id`, `webhook-timestamp`, and `webhook-signature: v1,` with the base64 of
 * HMAC-SHA256 over `id.timestamp.body`. Tried again with the same id, so that a receiver can tell a repeat. Follows no redirect. Never
 * rejects: what cannot be told is logged.
 */
export async function postNotice(
  notice: ApprovalNotice,
  settings: WebhookSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const body = JSON.stringify(settings.format === 'slack' ? { text: slackText(notice) } : jsonBody(notice))
  const id = randomId('msg')
  for (const waitMs of [0, ...RETRY_MS]) {
    await clock.sleep(waitMs)
    const fault = await post(body, id, settings, clock)
    if (fault === undefined) return
    log.warn('Approvers could not be told of a request', { command: notice.request.id, cause: fault })
  }
}

/** Undefined when it was taken. */
async function post(body: string, id: string, { url, secret }: WebhookSettings, clock: Clock) {
  const timestamp = String(Math.floor(clock.now().getTime() / 1_000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
    })
    await response.body?.cancel()
    return response.ok ? undefined : `HTTP ${response.status}`
  } catch (cause) {
    return cause instanceof Error && cause.name === 'TimeoutError' ? 'no answer in time' : 'no connection'
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
