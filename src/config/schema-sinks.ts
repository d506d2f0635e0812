import * as z from 'zod'
import { count, hostNameText, line, path, secret, webAddress } from './schema-values.ts'

/** RFC 5424 §6.2.1; 13 has no short name that everybody knows. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const

const facilityNames = Object.keys(FACILITIES) as (keyof typeof FACILITIES)[]

const rotateSchema = z.strictObject({
  megabytes: count(1, 100_000)
    .default(100)
    .describe('A file that would become larger is set aside under a name of its own.'),
  days: count(1, 36_500)
    .optional()
    .describe('Files are removed that are so many days older than the newest. Default: none.'),
  keep: count(2, 1_000_000).optional().describe('The most files that are kept. Default: all.'),
})

const tlsSchema = z.strictObject({
  ca: path()
    .optional()
    .describe('PEM file of the authorities that may vouch for the receiver. Default: those of the platform.'),
  cert: path().optional().describe('PEM file of the certificate that the bridge shows.'),
  key: path().optional().describe('PEM file of its private key.'),
  server_name: line(253)
    .optional()
    .describe('The name in the receiver’s certificate, where it is not the one of `address`.'),
})

const headerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,128}$/, { error: 'must be the name of a header, such as authorization' })
    .describe('Such as `authorization`.'),
  value: secret('What it holds.'),
})

/** One copy of the audit as it is written. */
export const sinkSchema = z.strictObject({
  kind: z
    .enum(['file', 'stdout', 'syslog', 'webhook', 'otlp'])
    .describe(
      '`file`: one file a day in `directory`. `stdout`: standard output. `syslog`: RFC 5424 to `address`. `webhook`: signed JSON to `url`. `otlp`: OpenTelemetry logs to `endpoint`.',
    ),
  name: hostNameText()
    .optional()
    .describe(
      'Under which it is known how far the sink has got; with another name it begins with the first record again. Default: its kind.',
    ),
  types: z
    .array(
      z.string().regex(/^[a-z_]+\.(?:[a-z_]+|\*)$/, {
        error: 'must be a type of records, such as call.finished, or a group of them, such as call.*',
      }),
    )
    .min(1, { error: 'must not be empty' })
    .optional()
    .describe('Only these records. Default: all, which alone make a chain that can be verified.'),
  directory: path().optional().describe('Of `file`: the directory, of this machine and this sink alone.'),
  rotate: rotateSchema.optional().describe('Of `file`: how large files become, and how long they are kept.'),
  address: line(300)
    .optional()
    .describe('Of `syslog`: `HOST` or `HOST:PORT`. Default port: 6514 with TLS, else 514.'),
  protocol: z
    .enum(['tls', 'tcp', 'udp'])
    .default('tls')
    .describe('Of `syslog`. `tcp` is not encrypted; `udp` is not either, and loses records unnoticed.'),
  tls: tlsSchema.optional().describe('Of `syslog` with TLS. The receiver’s certificate is always verified.'),
  facility: z
    .enum(facilityNames as [keyof typeof FACILITIES])
    .default('authpriv')
    .describe('Of `syslog`.'),
  enterprise_number: count(1, 2_147_483_647)
    .default(32_473)
    .describe(
      'Of `syslog`: the private enterprise number in `[ssh-mcp-bridge@NUMBER seq="…"]`. The default is the one for documentation (RFC 5612): use that of your organisation if it has one.',
    ),
  url: webAddress().optional().describe('Of `webhook`: asked by POST. https, or http on loopback.'),
  secret: secret('Of `webhook`: signs each message (Standard Webhooks, HMAC-SHA256).', 24).optional(),
  endpoint: webAddress()
    .optional()
    .describe('Of `otlp`: the collector’s address; `/v1/logs` is added. https, or http on loopback.'),
  headers: z.array(headerSchema).max(32).optional().describe('Of `otlp`: sent with each request.'),
  batch: count(1, 1_000).default(100).describe('Of `webhook` and `otlp`: the most records of one message.'),
})

/** Several of them, each with a name of its own. */
export const sinksSchema = z
  .array(sinkSchema)
  .max(16, { error: 'must not be more than 16' })
  .default([])
  .describe('Copies of the audit in other places. One that fails loses nothing and delays no call.')

/** The same without required keys: see `draftSchema`. */
export const sinkDraftSchema = sinkSchema.partial().extend({
  headers: z.array(headerSchema.partial()).optional(),
})

export type SinkDraft = z.output<typeof sinkDraftSchema>
