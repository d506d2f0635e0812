import * as z from 'zod'
import { oauthSchema } from './schema-oauth.ts'
import { address, cidr, count, line, origin, path, scope, secret, webAddress } from './schema-values.ts'

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const

export const apiKeySchema = z.strictObject({
  name: line(128).describe('Who the key stands for; the audit names it. Each name once.'),
  sha256: z
    .string()
    .regex(/^[0-9A-Fa-f]{64}$/, { error: 'must be the 64 hex digits of the SHA-256 of the key' })
    .describe(
      'SHA-256 of the key in hex: `printf %s "$KEY" | sha256sum`. The key itself is kept by its owner.',
    ),
  roles: z.array(line(128)).default([]).describe('Roles of the principal.'),
  scopes: z
    .array(scope())
    .default(['mcp:execute'])
    .describe('Scopes of the principal. A host asks for `mcp:execute` and its own `required_scopes`.'),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/, {
      error: 'must be a date or an instant, such as 2027-01-31 or 2027-01-31T12:00:00Z',
    })
    .refine((text) => isDate(text), { error: 'must be a date that exists' })
    .optional()
    .describe(
      'From this instant on the key is refused: `2027-01-31` (the beginning of that day, UTC) or `2027-01-31T12:00:00Z`. Default: never.',
    ),
})

export const serverSchema = z.strictObject({
  host: address()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback needs authentication.'),
  port: count(0, 65_535).default(8080).describe('TCP port to listen on; 0: a free one, told in the log.'),
  public_url: webAddress()
    .optional()
    .describe(
      'What clients type, such as https://ssh-mcp.example.com. Behind a proxy this is authoritative. https, or http on loopback.',
    ),
  enable_http: z
    .boolean()
    .optional()
    .describe('Serve MCP and REST over HTTP. Default: false, or true when `enable_stdio` is false.'),
  enable_stdio: z
    .boolean()
    .optional()
    .describe(
      'Serve MCP over standard input and output. Default: true, or false when `enable_http` is true.',
    ),
  enable_legacy_sse: z
    .boolean()
    .default(false)
    .describe('Serve the HTTP+SSE transport of 2024 at `/sse` and `/messages` too.'),
  search_tools: z
    .boolean()
    .default(false)
    .describe(
      'Offer `search` and `fetch` too, over the hosts and commands of whoever asks: ChatGPT’s research mode needs them.',
    ),
  api_key: secret('One bearer key that may do everything, at least 16 characters. Better: `api_keys`.', 16)
    .regex(/^[\x21-\x7e]*$/, { error: 'must be printable ASCII without spaces, as a header can carry it' })
    .optional(),
  api_keys: z
    .array(apiKeySchema)
    .default([])
    .describe('Named bearer keys, kept as hashes, with scopes and an end.'),
  oauth: oauthSchema
    .prefault({})
    .describe('Bearer tokens of an identity provider (OAuth 2.0 protected resource).'),
  cors_origins: z
    .array(origin())
    .default([])
    .describe('Web origins that browsers may call from. `*` allows every origin, never with credentials.'),
  cors_allow_credentials: z.boolean().default(false).describe('Send `Access-Control-Allow-Credentials`.'),
  cors_allow_methods: z
    .array(z.string().regex(/^[A-Z]+$/, { error: 'must be a method in capitals, such as POST' }))
    .default(['GET', 'POST', 'DELETE', 'OPTIONS'])
    .describe('Methods that browsers may use.'),
  cors_allow_headers: z
    .array(
      z.string().regex(/^[A-Za-z0-9-]+$/, { error: 'must be the name of a header, such as Content-Type' }),
    )
    .default([
      'Authorization',
      'Content-Type',
      'Accept',
      'MCP-Protocol-Version',
      'Mcp-Method',
      'Mcp-Name',
      'Mcp-Session-Id',
      'Last-Event-ID',
    ])
    .describe('Request headers that browsers may send.'),
  trusted_proxies: z
    .array(cidr())
    .default([])
    .describe('Addresses or ranges of the proxies whose `X-Forwarded-*` headers are believed.'),
  log_level: z.enum(LOG_LEVELS).default('INFO').describe('The least severe line that is logged.'),
  log_format: z.enum(['text', 'json']).default('text').describe('Form of the log lines.'),
  log_file: path().optional().describe('File that log lines are appended to. Default: standard error.'),
})

// 30 February parses: it becomes 2 March.
function isDate(text: string): boolean {
  const day = Date.parse(text.slice(0, 10))
  return !Number.isNaN(Date.parse(text)) && new Date(day).getUTCDate() === Number(text.slice(8, 10))
}
