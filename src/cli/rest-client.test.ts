import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../test/kit/free-port.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { askBridge, type BridgeOptions, tellAnswer } from './rest-client.ts'

interface Reply {
  readonly status?: number
  readonly type?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

let reply: Reply = {}
let seen: { request: IncomingMessage; body: string } | undefined
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    seen = { request, body }
    const { status = 200, type = 'application/json', body: text = '{}', headers = {} } = reply
    response.writeHead(status, { 'Content-Type': type, ...headers }).end(text)
  })
})
let url = ''
let directory = ''
let complaints: string[] = []
let said: string[] = []

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  directory = mkdtempSync(join(tmpdir(), 'rest-client-'))
  for (const name of ['SSH_MCP_URL', 'SSH_MCP_TOKEN', 'SSH_MCP_API_KEY']) vi.stubEnv(name, '')
  ;[complaints, said, reply, seen] = [[], [], {}, undefined]
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text)) > 0)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function asking(options: BridgeOptions = {}): Promise<unknown> {
  return askBridge({ url, ...options }, 'GET', '/api/v1/stats')
}

describe('what is asked', () => {
  test('the address that MCP clients are given leads there too', async () => {
    await askBridge({ url: `${url}/mcp` }, 'GET', '/api/v1/stats')
    expect(seen?.request.url).toBe('/api/v1/stats')
  })

  test('a GET has its input in the query, without what is undefined', async () => {
    await askBridge({ url }, 'GET', '/api/v1/changes', { host: 'web server', limit: 3, before: undefined })
    expect(seen?.request.url).toBe('/api/v1/changes?host=web+server&limit=3')
    expect(seen?.request.headers.authorization).toBeUndefined()
  })

  test('a POST has it in the body, and the token comes from a file', async () => {
    reply = { body: '{"done":true}' }
    writeFileSync(join(directory, 'token'), 'sesame\n')
    const options = { url: `${url}/`, tokenFile: join(directory, 'token') }
    const answer = await askBridge(options, 'POST', '/api/v1/changes/undo', {
      dry_run: true,
      host: undefined,
    })
    expect(answer).toEqual({ done: true })
    expect(seen?.request.url).toBe('/api/v1/changes/undo')
    expect(seen?.request.headers).toMatchObject({
      authorization: 'Bearer sesame',
      'content-type': 'application/json',
    })
    expect(seen?.body).toBe('{"dry_run":true}')
  })

  test('the environment names the bridge, and the token before the key', async () => {
    vi.stubEnv('SSH_MCP_URL', url)
    vi.stubEnv('SSH_MCP_API_KEY', 'the-key')
    await askBridge({}, 'GET', '/api/v1/hosts')
    expect(seen?.request.headers.authorization).toBe('Bearer the-key')
    vi.stubEnv('SSH_MCP_TOKEN', 'the-token')
    await askBridge({}, 'GET', '/api/v1/hosts')
    expect(seen?.request.headers.authorization).toBe('Bearer the-token')
  })

  test('a token follows no redirect', async () => {
    reply = { status: 307, headers: { Location: `${url}/elsewhere` }, type: 'text/html', body: 'moved' }
    await expect(asking()).rejects.toThrow(`HTTP 307 with text/html and leads to ${url}/elsewhere`)
    expect(seen?.request.url).toBe('/api/v1/stats')
  })
})

describe('what is told when it does not work', () => {
  test('nobody listens there', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`
    await expect(asking({ url: nowhere })).rejects.toThrow(
      new RegExp(
        `^the bridge at ${nowhere} cannot be reached: .*ECONNREFUSED.* Is it serving HTTP there\\?$`,
      ),
    )
  })

  test.each([
    [403, 'forbidden'],
    [404, 'change_not_found'],
    [409, 'file_changed'],
    [429, 'rate_limited'],
    [503, 'audit_unavailable'],
  ])('HTTP %i: the bridge in its own words', async (status, code) => {
    reply = { status, body: JSON.stringify({ error: { code, message: 'No, \u001b[2Jbecause.' } }) }
    await expect(asking()).rejects.toMatchObject({
      name: 'RefusedError',
      code,
      message: 'No, \\u001b[2Jbecause.',
    })
  })

  test('401 without a token says how to give one, and with one does not', async () => {
    reply = { status: 401, body: '{"error":{"code":"unauthenticated","message":"No bearer token."}}' }
    await expect(asking()).rejects.toThrow(
      `${url} does not know you: No bearer token. Give a token: --token-file`,
    )
    vi.stubEnv('SSH_MCP_TOKEN', 'old')
    await expect(asking()).rejects.toThrow(/No bearer token\.$/)
  })

  test('something else answers there', async () => {
    reply = { type: 'text/html; charset=utf-8', body: '<html>' }
    await expect(asking()).rejects.toThrow(`what answers at ${url} is no bridge: HTTP 200 with text/html`)
    reply = { status: 500, body: 'null' }
    await expect(asking()).rejects.toMatchObject({ code: 'http_500', message: 'HTTP 500' })
  })

  test.each(['ftp://host', 'host:8080', 'http://user:hunter2@host/', 'http://host/?token=hunter2'])(
    'an address that is none is not repeated: %s',
    async (wrong) => {
      const told = await asking({ url: wrong }).catch(String)
      expect(told).toContain('that is not the address of a bridge')
      expect(told).not.toContain('hunter2')
    },
  )

  test.each(['two words', 'line\nline', '\u00e4', ' '])(
    'a token that is none is not repeated: %j',
    async (text) => {
      writeFileSync(join(directory, 'token'), text)
      const told = await asking({ tokenFile: join(directory, 'token') }).catch(String)
      expect(told).toMatch(/^UsageError: the token is empty, or holds what no token holds/)
      expect(seen).toBeUndefined()
    },
  )

  test('a token file that is not there', async () => {
    await expect(asking({ tokenFile: join(directory, 'none') })).rejects.toThrow(
      /token file cannot be read: ENOENT/,
    )
  })

  test('a token that would go over the network in the clear is warned of, on this machine it is not', async () => {
    await asking()
    expect(complaints).toEqual([])
    await asking({ url: 'http://bridge.invalid' }).catch(() => undefined)
    expect(complaints.join('')).toContain('http://bridge.invalid is not encrypted')
  })
})

describe('what is printed', () => {
  test('lines for people, JSON for programs', () => {
    tellAnswer({}, { count: 2 }, ({ count }) => [`${count} changes`])
    tellAnswer({ json: true }, { count: 2 }, () => ['not this'])
    expect(said.join('')).toBe('2 changes\n{\n  "count": 2\n}\n')
  })

  test('no word of others moves the cursor or turns the direction; JSON reads back the same', () => {
    const hostile = 'a\u001b[31m\u009b2J\u202ezyx\u2028\t\u{e0041}'
    expect(printable(hostile)).toBe('a\\u001b[31m\\u009b2J\\u202ezyx\\u2028\\u0009\\udb40\\udc41')
    expect(printable('Übung, 日本語 👍')).toBe('Übung, 日本語 👍')
    const json = printableJson({ hostile })
    expect(json).not.toMatch(/[\u007f-\u009f\u2028]|\p{Cf}/u)
    expect(JSON.parse(json)).toEqual({ hostile })
  })
})
