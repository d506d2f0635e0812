import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { withRoom } from '../kit/room.ts'
import { refusal } from '../kit/shell-hosts.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { PLAIN_SHELL } from '../kit/terminal-runner.ts'

const SECRET = 'correct-horse-battery'

let sshd: Sshd
let home: Home
let product: Product
let alice: Client
let bob: Client

beforeAll(async () => {
  sshd = await startSshd({ config: [PLAIN_SHELL] })
  home = await makeHome()
  configure(['alice', 'bob'])
  product = await startProduct(home)
  ;[alice, bob] = await Promise.all([
    connectHttp(`${product.url}/mcp`, keyOf('alice')),
    connectHttp(`${product.url}/mcp`, keyOf('bob'), 'modern'),
  ])
})

afterEach(async () => {
  for (const { session, kind } of (await call(alice, 'get_session_stats', {})).sessions ?? [])
    if (kind === 'terminal') await call(alice, 'close_session', { host: 'web-server', session })
})

afterAll(async () => {
  await Promise.all([alice?.close(), bob?.close()])
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

interface Screen {
  readonly session: string
  readonly kind: string
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
  readonly waited: string
  readonly alive: boolean
  readonly exit_status: number | null
  readonly full_screen: boolean
  readonly redactions: number
  readonly text: string
  readonly sessions?: readonly {
    readonly session: string
    readonly kind: string
    readonly commands: number
  }[]
}

test('a terminal is opened, an editor used in it, and it is closed; the audit has what was typed and not what was shown', async () => {
  const { hosts } = (await call(alice, 'list_hosts', {})) as unknown as {
    hosts: { name: string; terminal: boolean }[]
  }
  expect(hosts.filter(({ terminal }) => terminal).map(({ name }) => name)).toEqual(['web-server'])
  const opened = await call(alice, 'open_session', {
    host: 'web-server',
    kind: 'terminal',
    columns: 100,
    rows: 30,
  })
  expect(opened).toMatchObject({ kind: 'terminal', session: expect.stringMatching(/^term_/), alive: true })
  expect(opened.text).toMatch(/^web-server: terminal term_\S+, 100x30, quiet now\nCursor: row/)

  const path = join(home.directory, 'edited.txt')
  writeFileSync(path, 'one\ntwo\n')
  const { session } = opened
  const editor = await use(session, [{ text: `vi -u NONE ${path}` }, { key: 'Enter' }], { pattern: '^two$' })
  expect(editor).toMatchObject({ waited: 'pattern', full_screen: true })
  await use(session, [{ key: 'Down' }, { text: 'othree' }, { key: 'Escape' }, { text: ':wq\n' }])
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n')

  const asked = await use(session, [{ text: 'read -rsp "Word? " w; echo; echo "${#w} letters"\n' }], {
    pattern: '^Word\\? $',
  })
  expect(asked.cursor.column).toBe(6)
  const told = await use(session, [{ text: 'sesame' }, { key: 'Enter' }], { pattern: '^6 letters$' })
  expect(told.lines.join('\n')).not.toContain('sesame')
  const mark = /--- terminal ([0-9a-f]{12})\n/.exec(told.text)?.[1]
  expect(told.text.endsWith(`\n--- end ${mark}`)).toBe(true)

  const { sessions } = await call(alice, 'get_session_stats', {})
  expect(sessions).toMatchObject([{ session, kind: 'terminal', commands: 4 }])
  expect(await call(alice, 'close_session', { host: 'web-server', session })).toMatchObject({ closed: true })
  expect(await refusal(alice, 'use_terminal', { host: 'web-server', session })).toContain('session_not_found')

  const records = JSON.stringify(home.auditRecords())
  expect(records).toContain('"text":"sesame"')
  expect(records).toContain('"key":"Escape"')
  expect(records).not.toContain('6 letters')
})

test('a host that allows none says what the operator has to write; a wrong argument is named', async () => {
  const refused = await refusal(alice, 'open_session', { host: 'plain', kind: 'terminal' })
  expect(refused).toContain('terminal: true')
  expect(refused).toContain('not_supported')
  const sized = { host: 'web-server', kind: 'terminal', columns: 10_000 }
  expect(await refusal(alice, 'open_session', sized)).toContain('from 20 to 300')
  expect(await refusal(alice, 'open_session', { host: 'web-server', columns: 80 })).toContain(
    'kind: terminal',
  )
  const { session } = await open()
  expect(await refusal(alice, 'use_terminal', at(session, [{ key: 'Entre' }]))).toContain('Enter Tab S-Tab')
  expect(await refusal(alice, 'use_terminal', at(session, [{ text: 'a', key: 'b' }]))).toContain(
    'text or key',
  )
})

test('somebody else’s terminal answers like one that never was', async () => {
  const { session } = await open()
  const theirs = await refusal(bob, 'use_terminal', at(session, [{ text: 'id\n' }]))
  expect(theirs).toBe(await refusal(bob, 'use_terminal', at('term_AAAAAAAAAAAAAAAAAAAAAA')))
  expect(await refusal(bob, 'close_session', { host: 'web-server', session })).toBe(theirs)
  expect(await call(bob, 'get_session_stats', {})).toMatchObject({ total_sessions: 0 })
})

test('a secret is taken off the screen, also where the margin breaks it', async () => {
  const { session } = await open({ columns: 40 })
  const [first, rest] = [SECRET.slice(0, 10), SECRET.slice(10)]
  const show = (before: number) =>
    use(session, [{ text: `clear; printf '%${before}s' x; echo ${first}""${rest}\n` }], { quiet_ms: 400 })
  const plain = await show(3)
  expect(plain.lines.join('\n')).toContain('x[redacted]')
  const broken = await show(32)
  expect(broken.redactions).toBe(1)
  expect(broken.lines.join('')).not.toContain(rest)
  expect(broken.text).not.toContain(`${first.slice(0, 8)}\n`)
  expect(broken.text).toContain('1 secret(s) replaced')
})

test('200 MB in a terminal slow nobody else down', async () => {
  const { session } = await open()
  const quick = async () => {
    const before = performance.now()
    await run(bob, 'plain', 'true')
    return performance.now() - before
  }
  await quick()
  const flood = use(session, [{ text: 'yes | head -c 200000000; echo; echo do""ne\n' }], {
    pattern: '^done$',
    wait_seconds: 4,
  })
  const took = [await quick(), await quick(), await quick(), await quick(), await quick()].sort(
    (a, b) => a - b,
  )
  expect(took[2]).toBeLessThan(withRoom(1_000))
  const seen = await flood
  expect(['time', 'pattern']).toContain(seen.waited)
  expect(await use(session, [{ key: 'C-c' }], { quiet_ms: 1_000, wait_seconds: 20 })).toMatchObject({
    alive: true,
  })
})

test('a terminal of a key that is taken away is ended at once; a shutdown does not wait for those that are left', async () => {
  const opened = await call(bob, 'open_session', { host: 'web-server', kind: 'terminal' })
  const mine = await open()
  const mark = (name: string) => `mark-terminal-${name}-${process.pid}`
  const sleep = (name: string) => [{ text: `sh -c 'sleep 300; : ${mark(name)}'\n` }]
  await call(bob, 'use_terminal', at(opened.session, sleep('bob')))
  await use(mine.session, sleep('alice'))
  await expect.poll(() => processesWith(mark('bob')).length).toBeGreaterThan(0)
  configure(['alice'])
  product.process.kill('SIGHUP')
  await expect.poll(() => processesWith(mark('bob'))).toEqual([])
  expect(processesWith(mark('alice'))).not.toEqual([])
  expect(await product.stop()).toBe(0)
  await expect.poll(() => processesWith(mark('alice'))).toEqual([])
  product = await startProduct(home, { port: Number(new URL(product.url).port) })
  alice = await connectHttp(`${product.url}/mcp`, keyOf('alice'))
})

function configure(names: readonly string[]): void {
  const keys = names.map((name) => {
    const sha256 = createHash('sha256').update(keyOf(name)).digest('hex')
    return `{name: ${name}, sha256: ${sha256}, scopes: [mcp:execute]}`
  })
  home.configure(`server: {api_keys: [${keys.join(', ')}]}
limits: {shutdown: 300}
hosts:
${hostYaml('web-server', sshd, { terminal: 'true' })}${hostYaml('plain', sshd)}  - {name: old, host: 192.0.2.1, username: u, password: ${SECRET}}
`)
}

function keyOf(name: string): string {
  return `the-key-of-${name}-that-is-long-enough`
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Screen> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult
  const [first] = result.content
  const text = first?.type === 'text' ? first.text : ''
  if (result.isError) throw new Error(text)
  return { ...(result.structuredContent as unknown as Screen), text }
}

function open(more: Record<string, unknown> = {}): Promise<Screen> {
  return call(alice, 'open_session', { host: 'web-server', kind: 'terminal', ...more })
}

function at(session: string, input: readonly object[] = [], more: object = {}) {
  return { host: 'web-server', session, input, ...more }
}

function use(session: string, input: readonly object[], more: object = {}): Promise<Screen> {
  return call(alice, 'use_terminal', at(session, input, more))
}
