import { createHmac } from 'node:crypto'

export interface WebhookMessage {
  /** The same when it is sent again, so that a receiver can tell a repeat. */
  readonly id: string
  readonly body: string
  readonly at: Date
  readonly secret: string
}

/**
 * The headers of a JSON message, signed as Standard Webhooks say: `webhook-id`, `webhook-timestamp`, and `webhook-signature: v1,` with
 * the base64 of HMAC-SHA256 over `id.timestamp.body`.
 */
export function signedHeaders({ id, body, at, secret }: WebhookMessage): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}
