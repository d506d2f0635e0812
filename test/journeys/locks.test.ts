import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import LibSql from 'libsql'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ERROR_META } from '../../src/mcp/run-tool.ts'
import {
  ALICE,
  claimsOf,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
} from '../kit/authorization-server.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, connectStdio } from '../kit/mcp-client.ts'
import { countWith, untilGone, untilThere } from '../kit/process-watch.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { withRoom } from '../kit/room.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { SUDO_USER, type SudoHost, startSudoHost } from '../kit/sudo-user.ts'
import { PLAIN_SHELL } from '../kit/terminal-runner.ts'

/** A second is the promise; the figures are printed. */
const MOST_MS = withRoom(1_000)

const KEYS = { alice: 'mcp:execute', bob: 'mcp:execute', carol: 'mcp:operate' } as const
type Who = keyof typeof KEYS

let web: Sshd
let db: Sshd
let root: SudoHost
let issuer: TestAuthorizationServer
let port: number
let home: Home
let product: Product
const clients: Client[] = []
let run = 0

beforeAll(async () => {
  ;[web, db, root, home] = await Promise.all([
    startSshd({ config: [PLAIN_SHELL] }),
    startSshd({ config: ['Subsystem sftp internal-sftp'] }),
    startSudoHost('dash'),
    makeHome(),
  ])
  port = await freePort()
  const url = `http://127.0.0.1:${port}`
  issuer = await startTestAuthorizationServer({ resource: [url, `${url}/mcp`] })
  configure(url)
  product = await startProduct(home, { port })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close().catch(() => undefined)))
  for (const { id } of await locked()) expect((await rest('carol', 'locks/remove', { id })).status).toBe(200)
})

afterAll(async () => {
  await product?.stop()
  await Promise.all([web?.stop(), db?.stop(), root?.stop()])
  await issuer?.close()
  await home?.remove()
})

function configure(url: string): void {
  const keys = Object.entries(KEYS).map(
    ([name, scope]) => `{name: ${name}, sha256: ${sha256(keyOf(name))}, scopes: [${scope}]}`,
  )
  const hosts = [
    hostYaml('web-server', web, { terminal: 'true' }),
    hostYaml('shell-server', web, { execution_mode: 'shell' }),
    hostYaml('db-server', db),
    hostYaml('root-server', root.sshd, { username: SUDO_USER, sudo: 'nopasswd' }),
  ]
  const oauth = `{enabled: true, issuer: "${issuer.issuer}", audience: "${url}"}`
  home.configure(`server:
  public_url: ${url}
  oauth: ${oauth}
  api_keys: [${keys.join(', ')}]
limits: {shutdown: 2}
session: {cleanup_interval: 1}
hosts:
${hosts.join('')}`)
}

async function connect(who: Who): Promise<Client> {
  return connectWith(keyOf(who))
}

async function connectWith(token: string): Promise<Client> {
  const client = await connectHttp(`${product.url}/mcp`, token)
  clients.push(client)
  return client
}

/**
 * Everything that one person can have running, each under a mark of its own. Resolves when all of it runs. Another client of the same
 * person shares the session, in which one command runs at a time.
 */
async function work(client: Client, name: string, { session = true } = {}): Promise<readonly string[]> {
  run += 1
  const mark = (what: string) => `${name}-${what}-${run}-${process.pid}.`
  const marks: string[] = []
  const begin = (what: string, tool: string, args: object, sleeper = plain) => {
    marks.push(mark(what))
    const given = { ...args, command: sleeper(mark(what)) }
    return client.callTool({ name: tool, arguments: given }).catch(() => undefined)
  }
  const execute = (what: string, host: string, more: object = {}, sleeper = plain) =>
    begin(what, 'execute_command', { host, ...more }, sleeper)
  void execute('waiting', 'web-server')
  if (session) void execute('session', 'shell-server')
  void execute('other-host', 'db-server')
  void execute('sudo', 'root-server', { sudo: true }, deaf)
  void execute('deaf', 'web-server', {}, deaf)
  void begin('fan-out', 'run_on_hosts', { hosts: ['db-server'] })
  await execute('handed-back', 'web-server', { wait_seconds: 0.2 }, deaf)
  await execute('detached', 'web-server', { wait_seconds: 0.2, detached: true }, deaf)
  const opened = await call(client, 'open_session', { host: 'web-server', kind: 'terminal' })
  marks.push(mark('terminal'))
  await call(client, 'use_terminal', {
    host: 'web-server',
    session: opened.body.session,
    input: [{ text: `${deaf(mark('terminal'))}` }, { key: 'Enter' }],
    quiet_ms: 100,
  })
  await untilThere(marks)
  return marks
}

const plain = (mark: string) => `sh -c ': ${mark}; sleep 300; :'`

/** Takes no hint: deaf to TERM and HUP, with children in sessions of their own, one of them without any parent. */
function deaf(mark: string): string {
  const child = `sh -c 'trap "" TERM HUP; : ${mark}; sleep 300; :'`
  return `setsid ${child} & (setsid ${child} &) ; ${child}`
}

interface Answered {
  readonly code: string | undefined
  readonly body: Record<string, unknown>
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Answered> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult
  const error = result._meta?.[ERROR_META] as { code: string } | undefined
  return { code: error?.code, body: (result.structuredContent ?? {}) as Record<string, unknown> }
}

function rest(who: Who, path: string, body?: unknown): Promise<Response> {
  const headers = { Authorization: `Bearer ${keyOf(who)}`, 'Content-Type': 'application/json' }
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return fetch(`${product.url}/api/v1/${path}`, { headers, ...post })
}

async function lock(on: unknown, more: object = {}): Promise<Record<string, unknown>> {
  const response = await rest('carol', 'locks', { on, reason: 'incident 4711', ...more })
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

async function locked(): Promise<readonly { readonly id: string }[]> {
  return ((await (await rest('carol', 'locks')).json()) as { locks: { id: string }[] }).locks
}

/** The command line, as an operator on the machine of the bridge uses it. */
function cli(...args: string[]) {
  const ran = spawnSync(process.execPath, [PROGRAM, 'locks', ...args, '--config', home.configPath], {
    encoding: 'utf8',
  })
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr }
}

function tell(what: string, gone: ReadonlyMap<string, number>): void {
  const figures = [...gone].map(([mark, ms]) => `${mark.replace(/-\d+-\d+\.$/, '')} ${ms} ms`)
  console.log(`${what}: ${figures.join(', ')}`)
}

const person = (name: Who) => ({ kind: 'person', issuer: 'api-key', subject: name })

describe('from the lock to the last remote process', () => {
  test.each([
    ['a person', person('alice')],
    ['an API key', { kind: 'api_key', name: 'alice' }],
  ])('%s has nothing left within a second, and another goes on', async (what, on) => {
    const [alice, bob] = [await connect('alice'), await connect('bob')]
    const [mine, others] = [await work(alice, 'alice'), await work(bob, 'bob')]
    const before = countWith(others)
    const gone = untilGone(mine)
    const made = await lock(on)
    const times = await gone
    tell(`lock on ${what}`, times)
    expect(Math.max(...times.values())).toBeLessThan(MOST_MS)
    expect(made.ended_calls).toBe(9)
    expect(countWith(others)).toEqual(before)
    expect(
      (await call(bob, 'execute_command', { host: 'web-server', command: 'echo on' })).body,
    ).toMatchObject({ stdout: 'on\n' })
    await lock(person('bob'))
    await untilGone(others)
  })

  test('a host has nothing left of anybody, and other hosts go on', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')]
    const [mine, theirs] = [await work(alice, 'alice'), await work(bob, 'bob')]
    const isOn = (mark: string) => /-(waiting|deaf|handed-back|detached|terminal)-/.test(mark)
    const all = [...mine, ...theirs]
    const others = all.filter((mark) => !isOn(mark))
    const before = countWith(others)
    const gone = untilGone(all.filter(isOn))
    await lock({ kind: 'host', host: 'web-server' })
    const times = await gone
    tell('lock on a host', times)
    expect(Math.max(...times.values())).toBeLessThan(MOST_MS)
    expect(countWith(others)).toEqual(before)
    const carol = { host: 'web-server', command: 'true' }
    expect((await call(alice, 'execute_command', carol)).code).toBe('locked')
    expect((await call(alice, 'list_hosts', {})).code).toBeUndefined()
    const many = await call(alice, 'run_on_hosts', { hosts: ['web-server', 'db-server'], command: 'true' })
    expect(many.body.counts).toMatchObject({ succeeded: 1, denied: 1 })
    // The bridge has let go of the host: no connection is left to it, and those to others stay.
    const connections = async () => {
      const told = (await call(alice, 'get_session_stats', {})).body.connections as { host: string }[]
      return told.map(({ host }) => host)
    }
    await expect.poll(connections).toEqual(['db-server', 'root-server', 'shell-server'])
    await lock({ kind: 'all' })
    await untilGone(others)
  })

  test('the kill switch leaves nothing of anybody, no tool answers anything else, and an operator lifts it', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')]
    const all = [...(await work(alice, 'alice')), ...(await work(bob, 'bob'))]
    const gone = untilGone(all)
    const made = await lock({ kind: 'all' })
    const times = await gone
    console.log(`kill switch: ${all.length} of two people, the last after ${Math.max(...times.values())} ms`)
    expect(Math.max(...times.values())).toBeLessThan(MOST_MS)
    expect((await rest('alice', 'execute', { host: 'db-server', command: 'true' })).status).toBe(403)
    expect((await rest('alice', 'locks/remove', { id: (made.lock as { id: string }).id })).status).toBe(403)
    const [one, ...more] = await locked()
    expect(more).toEqual([])
    expect((await rest('carol', 'locks/remove', { id: one?.id })).status).toBe(200)
    const again = await connect('alice')
    expect(
      (await call(again, 'execute_command', { host: 'db-server', command: 'true' })).code,
    ).toBeUndefined()
  })

  test('a client is locked for one person, whose other client goes on', async () => {
    const [chat, editor] = [await issuer.tokenFor(ALICE), await issuer.tokenFor(ALICE)]
    const [mine, others] = [
      await work(await connectWith(chat), 'chat'),
      await work(await connectWith(editor), 'editor', { session: false }),
    ]
    const before = countWith(others)
    const gone = untilGone(mine)
    await lock({ kind: 'client', client: claimsOf(chat).client_id })
    const times = await gone
    tell('lock on a client', times)
    expect(Math.max(...times.values())).toBeLessThan(MOST_MS)
    expect(countWith(others)).toEqual(before)
    const rest = untilGone(others)
    await lock({ kind: 'person', email: 'Alice@Example.com' })
    tell('lock on a person by e-mail', await rest)
    const hers = await connectWith(editor)
    expect((await call(hers, 'list_hosts', {})).code).toBe('locked')
  })

  test('a transfer on its way through a link is cut, and its link leads nowhere any more', async () => {
    const alice = await connect('alice')
    const path = join(home.directory, 'large')
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024, 'x'))
    const made = await call(alice, 'transfer_file', { from_host: 'db-server', from_path: path })
    const url = String(made.body.url)
    const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
    await new Promise((resolve) => response.once('readable', resolve))
    const fromMs = performance.now()
    const cut = new Promise<number>((resolve) => {
      response.once('close', () => resolve(Math.round(performance.now() - fromMs)))
      response.on('error', () => undefined)
    })
    await lock(person('alice'))
    response.resume()
    const ms = await cut
    console.log(`transfer through a link: cut after ${ms} ms`)
    expect(response.complete).toBe(false)
    expect(ms).toBeLessThan(MOST_MS)
    expect((await fetch(url)).status).toBe(404)
    const used = home.auditRecords().filter(({ type }) => type === 'transfer.used')
    expect(used.at(-1)).toMatchObject({ complete: false })
  })
})

describe('while a person is locked', () => {
  const missing = `cmd_${'A'.repeat(22)}`
  const web = { host: 'web-server' }
  const TOOLS: Readonly<Record<string, Record<string, unknown>>> = {
    list_hosts: {},
    describe_host: web,
    execute_command: { ...web, command: 'true' },
    check_command: { ...web, command: 'true' },
    run_on_hosts: { hosts: ['*'], command: 'true' },
    get_command_output: { command_id: missing },
    cancel_command: { command_id: missing },
    confirm_command: { command_id: missing },
    get_working_directory: { host: 'shell-server' },
    open_session: { host: 'shell-server' },
    close_session: { host: 'shell-server' },
    use_terminal: { ...web, session: `term_${'A'.repeat(22)}` },
    get_session_stats: {},
    read_file: { ...web, path: '/etc/hostname' },
    list_directory: { ...web, path: '/' },
    write_file: { ...web, path: '/tmp/x', content: '' },
    edit_file: { ...web, path: '/tmp/x', edits: [{ old_text: 'a', new_text: 'b' }] },
    undo_change: { change_id: `chg_${'A'.repeat(22)}` },
    transfer_file: { from_host: 'web-server', from_path: '/etc/hostname' },
  }

  test('no tool answers anything else, and nothing of a tool reaches a host', async () => {
    const alice = await connect('alice')
    const { tools } = await alice.listTools()
    await lock(person('alice'))
    const again = await connect('alice')
    for (const { name } of tools) {
      const args = TOOLS[name]
      if (args === undefined) throw new Error(`${name} is not in the table above: what is it called with?`)
      expect([name, (await call(again, name, args)).code]).toEqual([name, 'locked'])
    }
  })

  test('her legacy session ends with its streams, and that of another goes on', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')]
    await lock(person('alice'))
    await expect(alice.callTool({ name: 'list_hosts', arguments: {} })).rejects.toThrow(/[Ss]ession/)
    expect((await call(bob, 'list_hosts', {})).code).toBeUndefined()
  })

  test('the reason is for operators: she does not hear it, the audit does', async () => {
    await lock(person('alice'))
    const refused = await rest('alice', 'hosts')
    expect(await refused.text()).not.toContain('4711')
    const records = home.auditRecords()
    expect(records.at(-1)).toMatchObject({ type: 'call.decided', verdict: 'deny', reason: 'locked' })
    expect(records.findLast(({ type }) => type === 'lock.added')).toMatchObject({
      on: person('alice'),
      reason: 'incident 4711',
      by: 'carol',
    })
  })

  test('a lock for a time lifts itself', async () => {
    await lock(person('alice'), { for_seconds: 1 })
    expect((await rest('alice', 'hosts')).status).toBe(403)
    await expect.poll(async () => (await rest('alice', 'hosts')).status).toBe(200)
    expect(await locked()).toEqual([])
  })
})

describe('from the command line', () => {
  test('a lock is in force when it is told so, is on record with who made it, and is lifted', async () => {
    const alice = await connect('alice')
    const marks = await work(alice, 'alice')
    const gone = untilGone(marks)
    const added = cli('add', '--api-key', 'alice', '--reason', 'lost laptop', '--for', '2h', '--json')
    expect(added).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('a running bridge has taken it up'),
    })
    tell('lock from the command line, the program and its start included', await gone)
    const [{ id }] = JSON.parse(added.stdout).locks
    expect((await rest('alice', 'hosts')).status).toBe(403)
    expect(cli('list').stdout).toMatch(new RegExp(`^${id}\tAPI key alice\tuntil .*Z\t.*\tlost laptop\n$`))
    const by = `${userInfo().username} at the command line`
    const events = () => home.auditRecords().filter(({ type }) => type.startsWith('lock.'))
    expect(events().at(-1)).toMatchObject({ type: 'lock.added', lock: id, by, ended_calls: 9 })
    expect(cli('remove', id)).toMatchObject({ code: 0, stdout: `${id}\tlifted\n` })
    expect(events().at(-1)).toMatchObject({ type: 'lock.removed', lock: id, removed_by: by })
    expect((await rest('alice', 'hosts')).status).toBe(200)
    expect(cli('list').stdout).toBe('Nothing is locked.\n')
  })

  test('a lock that was made while no bridge ran holds at its start, ends what was left running, and outlives restarts', async () => {
    const alice = await connect('alice')
    const mark = `detached-over-restart-${process.pid}.`
    const given = { host: 'web-server', command: deaf(mark), detached: true, wait_seconds: 0.2 }
    await call(alice, 'execute_command', given)
    await untilThere([mark])
    await product.stop()
    expect(countWith([mark]).get(mark)).toBeGreaterThan(0)
    expect(cli('add', '--api-key', 'alice').stderr).toContain('No running bridge has taken it up')
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      product = await startProduct(home, { port })
      expect((await rest('alice', 'hosts')).status).toBe(403)
      expect((await rest('bob', 'hosts')).status).toBe(200)
      await untilGone([mark])
      await product.stop(signal)
    }
    const added = home.auditRecords().filter(({ type }) => type === 'lock.added')
    expect(added.filter(({ lock }) => lock === added.at(-1)?.lock)).toHaveLength(1)
    product = await startProduct(home, { port })
  })

  test('a bridge on stdio is locked too', async () => {
    const client = await connectStdio(home)
    clients.push(client)
    expect((await call(client, 'list_hosts', {})).code).toBeUndefined()
    expect(cli('add', '--person', `os,${userInfo().username}`).code).toBe(0)
    await expect.poll(locked).toHaveLength(1)
    await expect.poll(async () => (await call(client, 'list_hosts', {})).code).toBe('locked')
    await client.close()
  })

  test.each([
    [['add'], 'say what to lock'],
    [['add', '--all', '--host', 'web-server'], 'say what to lock'],
    [['add', '--host', 'web-sever'], 'no host is named "web-sever"; there are: db-server'],
    [['add', '--api-key', 'nobody'], 'no API key is named "nobody"; there are: alice, bob, carol'],
    [['add', '--person', 'alice'], 'not a person'],
    [['add', '--all', '--for', 'ever'], 'not a time'],
    [['remove', `lock_${'A'.repeat(22)}`], 'no lock is'],
  ])('%j is refused with what to write, and locks nothing', async (args, words) => {
    const { code, stderr } = cli(...args)
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) })
    expect(await locked()).toEqual([])
  })

  test('what the configuration does not have yet is locked by force', async () => {
    expect(cli('add', '--host', 'new-server', '--force').code).toBe(0)
    expect(await locked()).toMatchObject([{ on: { kind: 'host', host: 'new-server' } }])
  })
})

test('damaged locks lock everybody out until they are mended, say so, and end nothing', async () => {
  const alice = await connect('alice')
  const mark = `under-damaged-locks-${process.pid}.`
  // It outlives the bridge, which is killed below.
  const command = `sh -c ': ${mark}; sleep 20; :'`
  void call(alice, 'execute_command', { host: 'web-server', command }).catch(() => undefined)
  await untilThere([mark])
  const database = new LibSql(join(home.directory, 'state', 'bridge.db'))
  database.exec('PRAGMA busy_timeout=5000; UPDATE locks SET version = version + 1, known = \'{"version": 1\'')
  database.close()
  const ready = () => fetch(`${product.url}/ready`)
  await expect.poll(async () => (await ready()).status).toBe(503)
  expect(await (await ready()).text()).toContain('the locks in the database are not what the bridge writes')
  for (const who of ['alice', 'carol'] as const) {
    const refused = await rest(who, 'hosts')
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'locks_unavailable', retry: true } })
  }
  expect((await rest('carol', 'locks')).status).toBe(503)
  expect(product.stderr()).toContain('Nobody can tell what is locked, so everything is')
  expect(cli('list')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ssh-mcp-bridge locks reset'),
  })
  expect(cli('add', '--all')).toMatchObject({ code: 2 })
  expect(countWith([mark]).get(mark)).toBeGreaterThan(0)

  await product.stop('SIGKILL')
  product = await startProduct(home, { port })
  expect((await rest('bob', 'hosts')).status).toBe(503)
  expect(cli('reset', '--yes')).toMatchObject({ code: 0, stdout: 'Nothing is locked any more.\n' })
  await expect.poll(async () => (await rest('bob', 'hosts')).status).toBe(200)
  expect((await ready()).status).toBe(200)
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function keyOf(name: string): string {
  return `${name}-key-of-the-lock-journey`
}
