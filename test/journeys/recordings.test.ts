import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import xterm from '@xterm/headless'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import {
  auditLines,
  type Home,
  hostYaml,
  makeHome,
  PROGRAM,
  type Product,
  startProduct,
} from '../kit/product.ts'
import { runCli } from '../kit/run-cli.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { PLAIN_SHELL } from '../kit/terminal-runner.ts'

const API_KEY = 'key-0123456789abcdefghijklmnop'
const RECORDING_KEY = 'a key of forty characters, not a real one'
const HOST_SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

let sshd: Sshd
let home: Home
let product: Product
let client: Client

const recorded = (more = '') => `recording: {enabled: true, hosts: ['rec-*']${more}}`

function configure(recording: string): void {
  home.configure(
    [
      `server: {api_key: ${API_KEY}}`,
      recording,
      'hosts:',
      hostYaml('rec-1', sshd, { terminal: 'true' }),
      hostYaml('other', sshd, { terminal: 'true' }),
    ].join('\n'),
  )
}

async function start(): Promise<void> {
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, API_KEY)
}

beforeAll(async () => {
  sshd = await startSshd({ config: [PLAIN_SHELL] })
  home = await makeHome()
  configure(recorded(`, encryption_key: ${JSON.stringify(RECORDING_KEY)}`))
  await start()
})

afterAll(async () => {
  await client?.close().catch(() => undefined)
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

interface Kept {
  readonly id: string
  readonly call: string
  readonly kind: string
  readonly host: string
  readonly state: string
  readonly sha256: string
  readonly encrypted: boolean
}

async function listed(...more: string[]): Promise<Kept[]> {
  const { code, out, err } = await cli('list', '--json', ...more)
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out).recordings
}

function cli(command: string, ...args: string[]) {
  return runCli('recordings', command, '--config', home.configPath, ...args)
}

async function exported(
  id: string,
): Promise<{ path: string; head: Record<string, unknown>; events: [number, string, string][] }> {
  const path = join(home.directory, `${id}-${Math.floor(performance.now())}.cast`)
  const { code, err } = await cli('export', id, path)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return { path, head: JSON.parse(head), events: lines.map((line) => JSON.parse(line)) }
}

const records = () => auditLines(join(home.directory, 'state')).map((line) => JSON.parse(line))

describe('a command', () => {
  test('is recorded where that is configured: found, exported, shown, compared with the audit; and reading is on record', async () => {
    const command = `printf '\\033[31mred\\033[0m line\\n\\033]0;a title\\007\\033[6nnext %s\\n' done; echo oops >&2; echo token ${HOST_SECRET}; exit 3`
    const result = await run(client, 'rec-1', command)
    expect(result.exit_status).toBe(3)
    await run(client, 'other', 'echo not recorded')

    const [one, ...more] = await listed()
    expect(more).toEqual([])
    expect(one).toMatchObject({ kind: 'command', host: 'rec-1', state: 'complete', encrypted: true })
    const id = one?.id ?? ''
    const { path, head, events } = await exported(id)
    expect(head).toMatchObject({ version: 3, term: { cols: 80, rows: 24 }, title: 'Command on rec-1' })
    expect(head.command).toContain('exit 3')
    const shown = events.filter(([, code]) => code === 'o').map(([, , data]) => data)
    expect(shown.join('')).toContain('\x1b[31mred\x1b[0m line\r\n\x1b]0;a title\x07\x1b[6nnext done\r\n')
    expect(shown.join('')).toContain('oops\r\n')
    expect(shown.join('')).toContain('token [redacted git_token]\r\n')
    expect(events.at(-1)?.slice(1)).toEqual(['x', '3'])

    expect((await cli('verify', id, path)).out).toMatch(/^✔ rec_/)
    const text = await cli('export', id, '--format', 'text')
    expect(text.out).toContain('red line\nnext done\n')
    const played = await cli('play', id, '--speed', '1000')
    expect(played.out).toContain('\x1b[31mred\x1b[0m line\r\nnext done\r\n')
    expect(played.out).not.toMatch(/\x1b\]|\x1b\[6n/)
    const raw = await cli('play', path, '--speed', '1000', '--raw')
    expect(raw.out).toContain('\x1b]0;a title\x07')
    expect(raw.err).toContain('--raw')
    // Without a keyboard nothing but the play itself keeps the program alive to its end.
    const alone = spawnSync(process.execPath, [PROGRAM, 'recordings', 'play', path, '--speed', '1000'])
    expect(alone).toMatchObject({ status: 0, stdout: Buffer.from(played.out) })

    const all = records()
    const own = all.filter((record) => record.recording === id)
    expect(own.map(({ type }) => type)).toEqual([
      'recording.started',
      'recording.finished',
      ...Array(4).fill('recording.read'),
    ])
    expect(own[1]).toMatchObject({ state: 'complete', sha256: one?.sha256, call: one?.call })
    expect(own.slice(2).map(({ how }) => how)).toEqual(['export', 'verify', 'export', 'play'])
    const ofCall = all.filter((record) => record.call === one?.call).map(({ type }) => type)
    expect(ofCall.indexOf('recording.started')).toBeGreaterThan(ofCall.indexOf('call.started'))
    expect(ofCall.indexOf('recording.finished')).toBeLessThan(ofCall.indexOf('call.finished'))
  })

  test('that was changed after it was exported is not the one of the audit', async () => {
    const [one] = await listed('--host', 'rec-1')
    const { path } = await exported(one?.id ?? '')
    writeFileSync(path, readFileSync(path, 'utf8').replace('line', 'lime'))
    const { code, out } = await cli('verify', one?.id ?? '', path)
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining('is not what was recorded') })
  })

  test('is found and read over REST too, the same to the byte, and that is on record with the call', async () => {
    const [one] = await listed('--host', 'rec-1')
    const { path } = await exported(one?.id ?? '')
    expect((await rest(`recordings?host=rec-1&call=${one?.call}`)).recordings).toEqual([one])
    expect(await rest(`recordings/record?id=${one?.id}`)).toEqual(one)
    let cast = ''
    let after: unknown = 0
    while (after !== undefined) {
      const page = await rest(`recordings/cast?id=${one?.id}&after=${after}`)
      cast += page.cast
      after = page.next_after
    }
    expect(cast).toBe(readFileSync(path, 'utf8'))
    const all = records()
    const read = all.filter((record) => record.type === 'recording.read' && record.edge === 'rest')
    expect(read).not.toEqual([])
    for (const { by_call, recording } of read) {
      expect(recording).toBe(one?.id)
      const asked = all.filter((record) => record.call === by_call)
      expect(asked[0]).toMatchObject({ type: 'call.received', action: 'read_recording_cast' })
    }
  })

  test('of which there is no recording is a mistake in one sentence', async () => {
    const { code, err } = await cli('play', 'rec_AAAAAAAAAAAAAAAAAAAAAA')
    expect(code).toBe(2)
    expect(err).toMatch(/^ssh-mcp-bridge: there is no recording "rec_A+": .*\n$/)
  })
})

describe('a terminal', () => {
  test('replays to the screen that was there, with what was typed but no password', async () => {
    const { session } = await tool('open_session', { host: 'rec-1', kind: 'terminal', columns: 60, rows: 15 })
    const type = (text: string, pattern: string) =>
      tool('use_terminal', {
        ...{ host: 'rec-1', session, pattern },
        input: [{ text }, { key: 'Enter' }],
      })
    await type("PS1='$ '; clear", '^\\$ $')
    await type(`read -s -p 'Password: ' word; echo; echo "got ${'$'}{#word}"`, 'Password: $')
    await type('hunter2-not-shown', 'got 17')
    await type("printf '\\033[1;1H\\033[7mtop\\033[0m\\033[5;10Hmiddle\\n'", 'middle')
    const screen = await tool('use_terminal', { host: 'rec-1', session, read: 'screen' })
    await tool('close_session', { host: 'rec-1', session })

    const [one] = await expect
      .poll(async () => (await listed()).filter(({ kind, state }) => kind === 'terminal' && state !== 'open'))
      .toHaveLength(1)
      .then(() => listed())
    const { head, events } = await exported(one?.id ?? '')
    expect(head).toMatchObject({ term: { cols: 60, rows: 15, type: 'xterm-256color' } })
    expect(await screenOf(events, 60, 15)).toEqual((screen.lines as string[]).map((line) => line.trimEnd()))
    const typed = events.filter(([, code]) => code === 'i').map(([, , data]) => data)
    expect(typed.join('')).toContain("PS1='$ '; clear\r")
    expect(JSON.stringify(events)).not.toContain('hunter2')
    expect(events.some(([, code, data]) => code === 'm' && data.includes('did not show'))).toBe(true)
  })
})

describe('a bridge that is killed', () => {
  test('leaves a recording that the next one closes as cut, with what was shown until then', async () => {
    const command = 'for i in 1 2 3 4 5 6 7 8 9; do echo tick $i; sleep 0.5; done; sleep 60'
    await run(client, 'rec-1', command, { wait_seconds: 4 })
    await expect.poll(async () => (await listed()).filter(({ state }) => state === 'open').length).toBe(1)
    await product.stop('SIGKILL')
    await client.close().catch(() => undefined)
    await start()
    await expect.poll(async () => (await listed()).map(({ state }) => state)).toContain('cut')
    const one = (await listed()).find(({ state }) => state === 'cut')
    const { events } = await exported(one?.id ?? '')
    expect(events.map(([, , data]) => data).join('')).toContain('tick 1\r\n')
    expect((await cli('verify', one?.id ?? '')).out).toMatch(/^✔ rec_/)
    expect(records().filter((record) => record.recording === one?.id)[1]).toMatchObject({
      ...{ type: 'recording.finished', state: 'cut', sha256: one?.sha256 },
    })
  })
})

test('nothing of what is encrypted is in the database', () => {
  const file = readFileSync(join(home.directory, 'state', 'bridge.db'), 'latin1')
  for (const shown of ['next done', 'tick 1\r', 'got 17']) expect(file).not.toContain(shown)
})

async function rest(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${product.url}/api/v1/${path}`, {
    headers: { Authorization: `Bearer ${API_KEY}` },
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, unknown>
}

async function tool(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const result = await client.callTool({ name, arguments: args })
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy()
  return result.structuredContent as Record<string, unknown>
}

/** The rows that an emulator shows when the output is played to it. */
async function screenOf(
  events: readonly [number, string, string][],
  cols: number,
  rows: number,
): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true })
  for (const [, code, data] of events)
    if (code === 'o') await new Promise<void>((resolve) => terminal.write(data, resolve))
  const buffer = terminal.buffer.active
  const lines = Array.from({ length: rows }, (_, row) =>
    (buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
  )
  terminal.dispose()
  while (lines.at(-1) === '') lines.pop()
  return lines
}
