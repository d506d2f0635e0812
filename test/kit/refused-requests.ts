import { gzipSync } from 'node:zlib'
import { callOf, INITIALIZE, modern } from './mcp-http.ts'

/** Where a request goes, and a token that would be let in. */
export interface At {
  readonly port: number
  readonly token: string
}

interface Parts {
  readonly method?: string
  readonly target?: string
  /** Header lines of their own; undefined: none. */
  readonly host?: string | undefined
  readonly headers?: readonly string[]
  /** Instead of those that revision 2026-07-28 asks for. */
  readonly mcp?: Readonly<Record<string, string | undefined>>
  readonly type?: string | undefined
  readonly length?: string | undefined
  readonly body?: string | Buffer
}

/** What it is, the status, what the body says is wrong (undefined: it has none), and the bytes that are sent. */
export type RefusedRequest = readonly [
  title: string,
  status: number,
  says: string | number | undefined,
  make: (at: At) => Buffer,
]

const RUN = modern('tools/call', callOf('echo in'))

/** A request that runs a command on the host, but for what `parts` change. */
export function requestOf({ port, token }: At, parts: Parts = {}): Buffer {
  const { method = 'POST', target = '/mcp', headers = [], mcp = {}, type = 'application/json' } = parts
  const host = 'host' in parts ? parts.host : `Host: 127.0.0.1:${port}`
  const body = Buffer.from(parts.body ?? JSON.stringify(RUN.body))
  const length = 'length' in parts ? parts.length : `Content-Length: ${body.length}`
  const named: Record<string, string | undefined> = { ...RUN.headers, ...mcp }
  const lines = [
    `${method} ${target} HTTP/1.1`,
    host,
    'Connection: close',
    'Accept: application/json, text/event-stream',
    `Authorization: Bearer ${token}`,
    ...('type' in parts && parts.type === undefined ? [] : [`Content-Type: ${type}`]),
    length,
    ...Object.entries(named).map(([name, value]) => (value === undefined ? undefined : `${name}: ${value}`)),
    ...headers,
  ].filter((line) => line !== undefined)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

type Row = readonly [
  title: string,
  status: number,
  says: string | number | undefined,
  parts: (at: At) => Parts,
]

const rows = (table: readonly Row[]): RefusedRequest[] =>
  table.map(([title, status, says, parts]) => [title, status, says, (at) => requestOf(at, parts(at))])

const hosts = (names: readonly (readonly [title: string, name: string])[]): RefusedRequest[] =>
  rows(
    names.map(([title, name]) => [
      `a Host that is ${title}`,
      403,
      'forbidden',
      ({ port }) => ({ host: `Host: ${name.replace('{port}', String(port))}` }),
    ]),
  )

const origins = (names: readonly (readonly [title: string, name: string])[]): RefusedRequest[] =>
  rows(
    names.map(([title, name]) => [
      `an Origin that is ${title}`,
      403,
      'forbidden',
      ({ port }) => ({ headers: [`Origin: ${name.replace('{port}', String(port))}`] }),
    ]),
  )

const CHUNKED = 'Transfer-Encoding: chunked'
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const REST = '/api/v1/execute'
const nothing: Parts['mcp'] = {
  'mcp-protocol-version': undefined,
  'mcp-method': undefined,
  'mcp-name': undefined,
}
const legacy = (body: unknown, headers: readonly string[] = []): Parts => ({
  mcp: { ...nothing, 'mcp-protocol-version': '2025-11-25' },
  headers,
  body: JSON.stringify(body),
})
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
const meta = (changes: Record<string, unknown>) => {
  const { params } = RUN.body as { params: { _meta: object } }
  return JSON.stringify({ ...RUN.body, params: { ...params, _meta: { ...params._meta, ...changes } } })
}

/** Names and pages that are not this server's. */
export const FOREIGN_ADDRESSES: readonly RefusedRequest[] = [
  ...hosts([
    ['another', 'evil.example.net'],
    ['another, with this port', 'evil.example.net:{port}'],
    ['this address with another port', '127.0.0.1:1'],
    ['this address without its port', '127.0.0.1'],
    ['this address as one number', '2130706433:{port}'],
    ['this address in hex', '0x7f000001:{port}'],
    ['this address in octal', '0177.0.0.1:{port}'],
    ['this address cut short', '127.1:{port}'],
    ['every address', '0.0.0.0:{port}'],
    ['the name with a dot behind it', 'localhost.:{port}'],
    ['a name that leads here', '127.0.0.1.nip.io:{port}'],
    ['a name that begins like this one', '127.0.0.1.evil.example.net:{port}'],
  ]),
  ...rows([
    ['two Hosts', 403, 'forbidden', () => ({ headers: ['Host: evil.example.net'] })],
    [
      'two Hosts, the foreign one first',
      403,
      'forbidden',
      ({ port }) => ({ host: 'Host: evil.example.net', headers: [`Host: 127.0.0.1:${port}`] }),
    ],
    ['no Host', 400, undefined, () => ({ host: undefined })],
    ['an empty Host', 400, 'bad_request', () => ({ host: 'Host: ' })],
    ['two Hosts in one', 400, 'bad_request', () => ({ host: 'Host: 127.0.0.1, evil.example.net' })],
    ['a Host inside IPv6', 400, 'bad_request', ({ port }) => ({ host: `Host: [::ffff:127.0.0.1]:${port}` })],
    ['a Host with a user', 400, 'bad_request', ({ port }) => ({ host: `Host: evil@127.0.0.1:${port}` })],
    ['a Host with a path', 400, 'bad_request', ({ port }) => ({ host: `Host: 127.0.0.1:${port}/x` })],
    ['a target at another host', 403, 'forbidden', () => ({ target: 'http://evil.example.net/mcp' })],
    ['a target of a foreign scheme', 400, 'bad_request', () => ({ target: 'ftp://localhost/mcp' })],
  ]),
  ...origins([
    ['another', 'https://evil.example.net'],
    ['null', 'null'],
    ['empty', ''],
    ['a file', 'file://'],
    ['a name that leads here', 'http://127.0.0.1.nip.io:{port}'],
    ['another port of this machine', 'http://127.0.0.1:3000'],
    ['this address without its port', 'http://127.0.0.1'],
    ['this address with https', 'https://127.0.0.1:{port}'],
    ['another name of this machine', 'http://localhost:{port}'],
    ['one that begins like this', 'http://127.0.0.1:{port}.evil.example.net'],
    ['one that ends like a listed one', 'https://evilchatgpt.com'],
    ['one below a listed one', 'https://a.chatgpt.com'],
    ['a listed one with another scheme', 'http://chatgpt.com'],
    ['a listed one with a path', 'https://chatgpt.com/'],
    ['a listed one and another', 'https://chatgpt.com https://evil.example.net'],
  ]),
]

/** What is no HTTP, or is read differently by different servers (RFC 9112 §11.2). */
export const BROKEN_HTTP: readonly RefusedRequest[] = [
  ['another protocol', 400, undefined, () => Buffer.from('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
  ['HTTP/2', 400, undefined, () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['TLS', 400, undefined, () => Buffer.from('16030100050100000100', 'hex')],
  ...rows([
    [
      'a space before a colon',
      400,
      undefined,
      ({ token }) => ({ headers: [`Authorization : Bearer ${token}`] }),
    ],
    ['a folded header', 400, undefined, () => ({ headers: ['X-A: a\r\n b'] })],
    ['a NUL in a header', 400, undefined, () => ({ headers: ['X-A: a\0b'] })],
    ['a line break alone in a header', 400, undefined, () => ({ headers: ['X-A: a\nX-B: b'] })],
    ['a header without a name', 400, undefined, () => ({ headers: [': a'] })],
    ['a header of 64 KB', 431, undefined, () => ({ headers: [`X-A: ${'a'.repeat(65_536)}`] })],
    ['headers of 64 KB in all', 431, undefined, () => ({ headers: Array(4_000).fill('X-A: 0123456789') })],
    ['a length and chunks', 400, undefined, () => ({ headers: [CHUNKED] })],
    ['two lengths', 400, undefined, () => ({ headers: ['Content-Length: 3'] })],
    ['a negative length', 400, undefined, () => ({ length: 'Content-Length: -1' })],
    ['a length in hex', 400, undefined, () => ({ length: 'Content-Length: 0x10' })],
    ['a length with a sign', 400, undefined, () => ({ length: 'Content-Length: +5' })],
    ['two lengths in one', 400, undefined, () => ({ length: 'Content-Length: 5, 5' })],
    [
      'chunks and then something else',
      400,
      undefined,
      () => ({ length: `${CHUNKED}, identity`, body: '0\r\n\r\n' }),
    ],
    [
      'chunks of a length that is none',
      400,
      undefined,
      () => ({ length: CHUNKED, body: 'zz\r\n{}\r\n0\r\n\r\n' }),
    ],
  ]),
]

/** Bodies that are not what an edge gets to see. */
export const BAD_BODIES: readonly RefusedRequest[] = rows([
  ['text that is JSON', 415, 'unsupported_media_type', () => ({ type: 'text/plain' })],
  ['a form', 415, 'unsupported_media_type', () => ({ type: 'application/x-www-form-urlencoded' })],
  ['a form in parts', 415, 'unsupported_media_type', () => ({ type: 'multipart/form-data; boundary=a' })],
  ['no type', 415, 'unsupported_media_type', () => ({ type: undefined })],
  ['a type that begins like JSON', 415, 'unsupported_media_type', () => ({ type: 'application/jsonp' })],
  ['two types', 415, 'unsupported_media_type', () => ({ type: 'text/plain, application/json' })],
  ['another charset', 415, 'unsupported_media_type', () => ({ type: 'application/json; charset=utf-16' })],
  [
    'a bomb of gzip',
    415,
    'unsupported_media_type',
    () => ({ headers: ['Content-Encoding: gzip'], body: gzipSync(Buffer.alloc(50_000_000, 0x20)) }),
  ],
  ['deflate', 415, 'unsupported_media_type', () => ({ headers: ['Content-Encoding: deflate'] })],
  [
    'an encoding of an encoding',
    415,
    'unsupported_media_type',
    () => ({ headers: ['Content-Encoding: identity, gzip'] }),
  ],
  ['a length over the limit', 413, 'payload_too_large', () => ({ length: 'Content-Length: 1000000000' })],
  [
    'a length beyond all numbers',
    413,
    'payload_too_large',
    () => ({ length: 'Content-Length: 99999999999999999' }),
  ],
  ['a body over the limit', 413, 'payload_too_large', () => ({ body: JSON.stringify('x'.repeat(LIMIT)) })],
  [
    'a body of one byte too many',
    413,
    'payload_too_large',
    () => ({ body: JSON.stringify(RUN.body).padEnd(LIMIT + 1) }),
  ],
  [
    'chunks over the limit',
    413,
    'payload_too_large',
    () => ({ length: CHUNKED, body: chunk('"') + chunk('x'.repeat(LIMIT)) }),
  ],
  ['invalid UTF-8', 400, 'bad_request', () => ({ body: Buffer.from([0x22, 0xff, 0x22]) })],
  ['an overlong form of UTF-8', 400, 'bad_request', () => ({ body: Buffer.from([0x22, 0xc0, 0xaf, 0x22]) })],
  [
    'half a surrogate in UTF-8',
    400,
    'bad_request',
    () => ({ body: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }),
  ],
  ['UTF-16', 400, 'bad_request', () => ({ body: Buffer.from('\ufeff{"a":1}', 'utf16le') })],
  ['lists 10,000 deep', 400, 'bad_request', () => ({ body: '['.repeat(10_000) + ']'.repeat(10_000) })],
  [
    'objects 10,000 deep',
    400,
    'bad_request',
    () => ({ body: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` }),
  ],
  ['10,000 levels that never close', 400, 'bad_request', () => ({ body: '['.repeat(10_000) })],
  ['two methods', 400, 'bad_request', () => ({ body: twice('"method":"tools/list"') })],
  ['two methods, one escaped', 400, 'bad_request', () => ({ body: twice('"m\\u0065thod":"tools/list"') })],
  [
    'two commands in the arguments',
    400,
    'bad_request',
    () => ({ body: JSON.stringify(RUN.body).replace('"command":', '"command":"id","command":') }),
  ],
  [
    'two hosts, over REST',
    400,
    'bad_request',
    () => ({ target: REST, body: '{"host":"web-server","host":"b","command":"id"}' }),
  ],
  ['nothing', 400, -32700, () => ({ body: '' })],
  ['something else than JSON', 400, -32700, () => ({ body: '{"jsonrpc":' })],
  ['JSON and more', 400, -32700, () => ({ body: '{} {}' })],
])

/** What the protocol has rules against: JSON-RPC, and the revisions of MCP. */
export const BAD_MESSAGES: readonly RefusedRequest[] = rows([
  ['a batch', 400, -32600, () => ({ body: JSON.stringify([RUN.body]) })],
  [
    'a batch, at the bare domain',
    400,
    -32600,
    () => ({ target: '/', body: JSON.stringify([RUN.body, RUN.body]) }),
  ],
  ['an empty batch', 400, -32600, () => ({ body: '[]' })],
  ['a batch of the legacy era without a session', 400, -32600, () => legacy([LIST, LIST])],
  ['a batch of first messages', 400, -32600, () => legacy([INITIALIZE, INITIALIZE])],
  [
    'a batch, over REST',
    400,
    'bad_request',
    () => ({ target: REST, body: '[{"host":"web-server","command":"id"}]' }),
  ],
  ['a text alone', 400, -32600, () => ({ body: '"tools/list"' })],
  ['null', 400, -32600, () => ({ body: 'null' })],
  ['a method of another name in the header', 400, -32020, () => ({ mcp: { 'mcp-method': 'tools/list' } })],
  ['a method in another case in the header', 400, -32020, () => ({ mcp: { 'mcp-method': 'TOOLS/CALL' } })],
  ['no method in the header', 400, -32020, () => ({ mcp: { 'mcp-method': undefined } })],
  ['two methods in the headers', 400, -32020, () => ({ headers: ['mcp-method: tools/list'] })],
  ['a tool of another name in the header', 400, -32020, () => ({ mcp: { 'mcp-name': 'list_hosts' } })],
  ['no tool in the header', 400, -32020, () => ({ mcp: { 'mcp-name': undefined } })],
  ['two tools in the headers', 400, -32020, () => ({ headers: ['mcp-name: list_hosts'] })],
  ['an older revision in the header', 400, -32020, () => ({ mcp: { 'mcp-protocol-version': '2025-11-25' } })],
  ['no revision in the header', 400, -32020, () => ({ mcp: { 'mcp-protocol-version': undefined } })],
  [
    'a revision that does not exist',
    400,
    -32022,
    () => ({
      mcp: { 'mcp-protocol-version': '2099-01-01' },
      body: meta({ 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }),
    }),
  ],
  [
    'a revision that is no text',
    400,
    -32602,
    () => ({ body: meta({ 'io.modelcontextprotocol/protocolVersion': 1 }) }),
  ],
  [
    'no capabilities',
    400,
    -32602,
    () => ({ body: meta({ 'io.modelcontextprotocol/clientCapabilities': undefined }) }),
  ],
  [
    'a method that does not exist',
    404,
    -32601,
    () => ({
      mcp: { 'mcp-method': 'tools/destroy', 'mcp-name': undefined },
      body: JSON.stringify(modern('tools/destroy').body),
    }),
  ],
  [
    'a method that was removed',
    404,
    -32601,
    () => ({
      mcp: { 'mcp-method': 'ping', 'mcp-name': undefined },
      body: JSON.stringify(modern('ping').body),
    }),
  ],
  ['no session, where one is needed', 400, -32000, () => legacy(LIST)],
  [
    'a session that never was',
    404,
    -32001,
    () => legacy(LIST, ['mcp-session-id: mcp_AAAAAAAAAAAAAAAAAAAAAA']),
  ],
  ['a session by the name of a member', 404, -32001, () => legacy(LIST, ['mcp-session-id: __proto__'])],
  ['GET of revision 2026-07-28', 405, -32000, () => ({ method: 'GET', body: '' })],
  ['DELETE of revision 2026-07-28', 405, -32000, () => ({ method: 'DELETE', body: '' })],
  ['PUT', 405, 'method_not_allowed', () => ({ method: 'PUT' })],
  [
    'the transport of 2024, which is off',
    404,
    'not_found',
    () => ({ method: 'GET', target: '/sse', body: '' }),
  ],
  ['its messages', 404, 'not_found', () => ({ target: '/messages?session=a' })],
])

/** The longest body that the bridge takes in these tests. */
export const LIMIT = 100_000

function twice(member: string): string {
  return JSON.stringify(RUN.body).replace('{', `{${member},`)
}

/** The legal twins. */
export const ACCEPTED_REQUESTS: readonly (readonly [title: string, make: (at: At) => Buffer])[] = (
  [
    ['as it is', () => ({})],
    ['another name of this machine', ({ port }) => ({ host: `Host: localhost:${port}` })],
    ['the name in capitals', ({ port }) => ({ host: `Host: LOCALHOST:${port}` })],
    ['a target in absolute form', ({ port }) => ({ target: `http://127.0.0.1:${port}/mcp` })],
    ['at the bare domain', () => ({ target: '/' })],
    ['of a listed page', () => ({ headers: ['Origin: https://chatgpt.com'] })],
    ['of a page of this server', ({ port }) => ({ headers: [`Origin: http://127.0.0.1:${port}`] })],
    [
      'that says it was passed on, which nobody believes',
      () => ({ headers: ['X-Forwarded-Host: evil.example.net'] }),
    ],
    ['in chunks', () => ({ length: CHUNKED, body: `${chunk(JSON.stringify(RUN.body))}0\r\n\r\n` })],
    ['with a charset', () => ({ type: 'Application/JSON; charset="UTF-8"' })],
    ['not encoded', () => ({ headers: ['Content-Encoding: identity'] })],
    ['of the longest length', () => ({ body: JSON.stringify(RUN.body).padEnd(LIMIT) })],
    ['with a header of 8 KB', () => ({ headers: [`X-A: ${'a'.repeat(8_000)}`] })],
    ['with the names of headers in capitals', () => ({ headers: ['X-MCP: a'] })],
    ['with a session id that changes nothing', () => ({ headers: ['mcp-session-id: mcp_unknown'] })],
  ] as readonly (readonly [string, (at: At) => Parts])[]
).map(([title, parts]) => [title, (at) => requestOf(at, parts(at))])
