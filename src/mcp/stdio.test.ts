import { spawnSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { callOf, INITIALIZE, modern } from '../../test/kit/mcp-http.ts'
import { NEWER_NODE } from '../../test/kit/newer-node.ts'
import { type ScriptedBridge, scriptedBridge } from '../../test/kit/scripted-bridge.ts'
import { osPrincipal } from '../oauth/os-user.ts'
import { serveStdioClient } from './stdio.ts'

interface Conversation extends ScriptedBridge {
  readonly input: PassThrough
  readonly ended: Promise<void>
  say(message: unknown): void
  /** The answer to the request of that id. */
  answer(id: number): Promise<Record<string, unknown>>
  readonly output: string[]
}

function converse(
  options: Parameters<typeof scriptedBridge>[0] = {},
  early?: Parameters<typeof serveStdioClient>[3],
): Conversation {
  const scripted = scriptedBridge(options)
  const input = new PassThrough()
  const output = new PassThrough()
  const lines: string[] = []
  let rest = ''
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  const ended = serveStdioClient(scripted.deps, osPrincipal(), { input, output }, early)
  return Object.assign(scripted, {
    input,
    output: lines,
    ended,
    say: (message: unknown) => void input.write(`${JSON.stringify(message)}\n`),
    answer: (id: number) =>
      expect
        .poll(() => lines.map((line) => JSON.parse(line)).find((message) => message.id === id), {
          interval: 5,
        })
        .toBeDefined()
        .then(() => lines.map((line) => JSON.parse(line)).find((message) => message.id === id)),
  })
}

const request = (id: number, method: string, params: Record<string, unknown> = {}, revision?: string) => ({
  ...modern(method, params, revision).body,
  id,
})
const cancelled = (requestId: number) => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
})

describe('over stdio', () => {
  test('the list of tools is answered before the bridge is there; a call waits for it, also when the client leaves', async () => {
    let [open, hasOpened] = [() => {}, false]
    const listed: string[] = []
    const ready = new Promise<void>((resolve) => {
      open = () => {
        hasOpened = true
        resolve()
      }
    })
    const client = converse({}, { ready: () => ready, onListed: () => void listed.push('listed') })
    client.say(INITIALIZE)
    await client.answer(1)
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' })
    client.say({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} })
    expect(await client.answer(2)).toMatchObject({ result: { tools: expect.anything() } })
    expect([listed, hasOpened, client.events]).toEqual([['listed'], false, []])
    client.say({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: callOf('echo hello') })
    client.say({ jsonrpc: '2.0', id: 4, method: 'ping' })
    await client.answer(4)
    expect(client.events).toEqual([])
    client.input.end()
    let isOver = false
    void client.ended.then(() => {
      isOver = true
    })
    open()
    await client.ended
    expect([isOver, client.events[0]?.type, client.events.at(-1)?.type]).toEqual([
      true,
      'call.received',
      'call.finished',
    ])
  })

  test('a client of the legacy era lists the tools and runs a command as the operating-system user', async () => {
    const client = converse()
    client.say(INITIALIZE)
    expect(await client.answer(1)).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' })
    client.say({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: callOf('echo hello') })
    expect(await client.answer(2)).toMatchObject({ result: { structuredContent: { stdout: 'hello\n' } } })
    expect(client.events[0]).toMatchObject({
      call: { edge: 'mcp_stdio', principal: { issuer: 'os', method: 'stdio' } },
    })
    client.input.end()
    await client.ended
  })

  test('a client of the modern era discovers the server and runs a command', async () => {
    const client = converse()
    client.say(request(1, 'server/discover'))
    expect(await client.answer(1)).toMatchObject({ result: { supportedVersions: ['2026-07-28'] } })
    client.say(request(2, 'tools/call', callOf('echo hello')))
    expect(await client.answer(2)).toMatchObject({
      result: { resultType: 'complete', structuredContent: { stdout: 'hello\n' } },
    })
    client.input.end()
    await client.ended
  })

  test.each([
    ['modern', () => request(9, 'tools/call', callOf('wait a')), undefined],
    ['legacy', () => ({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: callOf('wait a') }), INITIALIZE],
  ])('cancelling in the %s era ends the command', async (_era, call, opening) => {
    const client = converse()
    if (opening) client.say(opening)
    client.say(call())
    await client.started('a')
    client.say(cancelled(9))
    await client.aborted('a')
    await expect.poll(() => client.events.at(-1)).toMatchObject({ result: { status: 'cancelled' } })
    client.input.end()
    await client.ended
  })

  test('the end of input cancels what runs, and it is over only when that is on record', async () => {
    const client = converse()
    client.say(request(1, 'tools/call', callOf('wait a')))
    await client.started('a')
    client.input.end()
    await client.ended
    expect(client.events.at(-1)).toMatchObject({ type: 'call.finished', result: { status: 'cancelled' } })
  })

  test('a host that does not let go of a command does not keep the process alive for ever', async () => {
    const clock = new ManualClock()
    const client = converse({ clock })
    client.say(request(1, 'tools/call', callOf('hang a')))
    await client.started('a')
    client.input.end()
    let isOver = false
    void client.ended.then(() => {
      isOver = true
    })
    await clock.advance(9_999)
    expect(isOver).toBe(false)
    await expect
      .poll(async () => {
        await clock.advance(10_000)
        return isOver
      })
      .toBe(true)
  })

  test('a revision that does not exist is refused on a connection that is open already, and a real one goes on', async () => {
    const client = converse()
    client.say(request(1, 'tools/list'))
    await client.answer(1)
    client.say(request(2, 'tools/list', {}, '2099-01-01'))
    expect(await client.answer(2)).toMatchObject({
      error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2099-01-01' } },
    })
    client.say(request(3, 'tools/list'))
    expect(await client.answer(3)).toMatchObject({ result: {} })
    client.input.end()
    await client.ended
  })

  test('a client that asked in the modern era and lost patience while the bridge started is served in the legacy one', async () => {
    const client = converse()
    client.say(request(0, 'server/discover'))
    client.say(INITIALIZE)
    expect(await client.answer(1)).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' })
    client.say({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: callOf('echo hello') })
    expect(await client.answer(2)).toMatchObject({ result: { structuredContent: { stdout: 'hello\n' } } })
    client.input.end()
    await client.ended
  })

  test('a line that is no JSON stops nothing', async () => {
    const client = converse()
    client.input.write('this is not json\n\n{"half":\n')
    client.say(request(1, 'tools/list'))
    expect(await client.answer(1)).toHaveProperty('result')
    client.input.end()
    await client.ended
  })

  test('a process of its own exits at the end of input and has written nothing but JSON-RPC', () => {
    const script = `
      import { serveStdioClient } from './src/mcp/stdio.ts'
      import { osPrincipal } from './src/oauth/os-user.ts'
      import { scriptedBridge } from './test/kit/scripted-bridge.ts'
      const ended = serveStdioClient(scriptedBridge().deps, osPrincipal())
      console.log('chatter of a library')
      await ended`
    const ran = spawnSync(NEWER_NODE, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      input: `${JSON.stringify(INITIALIZE)}\n`,
      timeout: 20_000,
    })
    expect(ran.status).toBe(0)
    expect(
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual([1])
    expect(ran.stderr).toContain('chatter of a library')
  })
})
