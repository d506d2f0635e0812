import * as z from 'zod'
import { count, line, secret, webAddress } from './schema-values.ts'

/** Commands are not told to everybody on the way. */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}

/** What rules of effect `approve` mean when they say no more, and how approvers hear of a request. */
export const approvalsSchema = z.strictObject({
  approvers: z
    .array(line(64))
    .default([])
    .describe('Roles that may approve, where a rule names no `approvers` of its own.'),
  count: count(1, 10).default(1).describe('How many different people have to approve.'),
  expires: count(60, 604_800).default(3_600).describe('Seconds after which a request expires.'),
  max_waiting: count(1, 1_000).default(20).describe('Requests of one caller that wait at the same time.'),
  webhook: z
    .strictObject({
      url: webAddress()
        .refine(isSafe, { error: 'must begin with https://; http:// is for loopback alone' })
        .describe(
          'Told of each request by POST. https, or http on loopback. No address of a host, no credential is in it.',
        ),
      secret: secret('Signs each message (Standard Webhooks, HMAC-SHA256).', 24),
      format: z
        .enum(['json', 'slack'])
        .default('json')
        .describe('`slack`: a text that Slack and its likes show as it is.'),
    })
    .optional()
    .describe('Where approvers are told.'),
})
