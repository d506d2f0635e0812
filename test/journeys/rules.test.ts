import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
} from '../kit/authorization-server.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, ERAS, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Alice operates; Bob reads. Whoever of them may do nothing on a host does not see it. */

let sshd: Sshd
let home: Home
let issuer: TestAuthorizationServer
let product: Product
let url: string
let folder: string
let alice: string
let aliceInProduction: string
let bob: string
let bobAtMachine: Client

const RULES = `
  - {name: look, roles: readers, hosts: web-1, actions: [read, session], effect: allow}
  - {name: logs, roles: readers, hosts: db-1, actions: read, paths: ['FOLDER/logs/**'], effect: allow}
  - {name: no-run, roles: readers, hosts: web-1, effect: deny, reason: 'Ask operations.'}
  - {name: prod, roles: operators, hosts: 'tag:prod', step_up: prod:write, effect: allow}
  - {name: lab, roles: operators, hosts: lab-1, effect: allow}
`

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  home = await makeHome()
  issuer = await startTestAuthorizationServer({
    resource: [url, `${url}/mcp`],
    scopes: ['mcp:execute', 'prod:write'],
  })
  folder = join(home.directory, 'files')
  for (const name of ['logs', 'secret', 'logs/folder']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'logs/app.log'), 'one\ntwo\n')
  writeFileSync(join(folder, 'secret/key'), 'hidden\n')
  symlinkSync('../secret/key', join(folder, 'logs/link'))
  symlinkSync('../../secret', join(folder, 'logs/folder/up'))
  configure(RULES)
  product = await startProduct(home, { port })
  alice = await issuer.tokenFor(ALICE)
  aliceInProduction = await issuer.tokenFor(ALICE, { scopes: ['mcp:execute', 'prod:write'] })
  bob = await issuer.tokenFor(BOB)
  bobAtMachine = await connectHttp(`${url}/mcp`, bob)
})

afterAll(async () => {
  await bobAtMachine?.close()
  await product?.stop()
  await issuer?.close()
  await sshd?.stop()
  await home?.remove()
})

function configure(rules: string): void {
  home.configure(`
server:
  host: 127.0.0.1
  port: ${new URL(url).port}
  public_url: ${url}
  oauth: {enabled: true, issuer: "${issuer.issuer}", audience: "${url}"}
hosts:
${hostYaml('web-1', sshd, { execution_mode: 'shell', tags: '[prod]' })}${hostYaml('db-1', sshd, { tags: '[prod]' })}${hostYaml('lab-1', sshd)}
roles:
  - {name: operators, match: [{emails: alice@example.com}]}
  - {name: readers, match: [{emails: 'BOB@example.com'}]}
rules:${rules.replaceAll('FOLDER', folder)}`)
}

type Told = { isError?: boolean; structuredContent?: unknown; content?: unknown }

const call = async (client: Client, name: string, args: Record<string, unknown>): Promise<Told> =>
  (await client.callTool({ name, arguments: args })) as Told
/** As the text ends: `… (forbidden)`. */
const codeOf = (told: Told) => (told.isError ? /\(([a-z_]+)\)"/.exec(textOf(told))?.[1] : undefined)
const textOf = (told: Told) => JSON.stringify(told)

async function rest(token: string, path: string, body?: object): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const request = body && { method: 'POST', body: JSON.stringify(body) }
  return fetch(`${url}/api/v1/${path}`, { headers, ...request })
}

async function hostsOf(token: string) {
  const { hosts } = (await (await rest(token, 'hosts')).json()) as {
    hosts: { name: string; may_run: boolean; may: string[] }[]
  }
  return Object.fromEntries(hosts.map(({ name, may_run, may }) => [name, { may_run, may }]))
}

describe('who sees what', () => {
  test('each sees the hosts on which they may do something, with what that is', async () => {
    expect(await hostsOf(bob)).toEqual({
      'db-1': { may_run: true, may: ['read'] },
      'web-1': { may_run: true, may: ['read', 'session'] },
    })
    const all = ['read', 'run', 'write', 'sudo', 'session', 'terminal', 'transfer']
    expect(await hostsOf(aliceInProduction)).toEqual({
      'db-1': { may_run: true, may: all },
      'lab-1': { may_run: true, may: all },
      'web-1': { may_run: true, may: all },
    })
    expect((await hostsOf(alice))['web-1']).toEqual({ may_run: false, may: [] })
  })

  const everyWay: [tool: string, args: (host: string) => Record<string, unknown>][] = [
    ['execute_command', (host) => ({ host, command: 'uptime' })],
    ['check_command', (host) => ({ host, command: 'uptime' })],
    ['describe_host', (host) => ({ host })],
    ['read_file', (host) => ({ host, path: '/etc/hosts' })],
    ['list_directory', (host) => ({ host, path: '/etc' })],
    ['write_file', (host) => ({ host, path: '/tmp/x', content: 'x' })],
    ['edit_file', (host) => ({ host, path: '/tmp/x', edits: [{ old_text: 'a', new_text: 'b' }] })],
    ['transfer_file', (host) => ({ from_host: host, from_path: '/x', to_host: 'web-1', to_path: '/y' })],
    ['transfer_file', (host) => ({ from_host: 'web-1', from_path: '/x', to_host: host, to_path: '/y' })],
    ['open_session', (host) => ({ host })],
    ['get_working_directory', (host) => ({ host })],
    ['close_session', (host) => ({ host })],
    ['run_on_hosts', (host) => ({ hosts: [host], command: 'uptime' })],
    ['run_on_hosts', (host) => ({ hosts: [`${host.slice(0, -1)}*`], command: 'uptime' })],
  ]

  test.each(everyWay)('%s answers a host out of reach like one that is not there', async (tool, args) => {
    const seen = sshd.authenticationAttempts()
    const hidden = textOf(await call(bobAtMachine, tool, args('lab-1')))
    const unknown = textOf(await call(bobAtMachine, tool, args('lax-1')))
    const plain = (text: string) =>
      text
        .replaceAll(/la[bx]-/g, 'X')
        .replaceAll(/(cmd|call)_[\w-]+/g, '$1')
        .replaceAll(/"duration_ms":\d+|\d+ ms/g, '')
    expect(plain(hidden)).toBe(plain(unknown))
    expect(hidden).toMatch(/host_not_found|host that you may use/)
    expect(sshd.authenticationAttempts()).toBe(seen)
  })

  test('a pattern of hosts means those within reach', async () => {
    const told = await call(bobAtMachine, 'run_on_hosts', { hosts: ['*'], command: 'ls /' })
    // Of db-1 only the logs may be read: that is told of it; of lab-1 nothing is.
    expect(textOf(told)).toContain('web-1')
    expect(textOf(told)).toContain('The rules do not allow you to run ls / on db-1')
    expect(textOf(told)).not.toContain('lab-1')
  })
})

describe.each(ERAS)('what is run (%s client)', (era) => {
  let reader: Client
  let operator: Client
  beforeAll(async () => {
    reader = await connectHttp(`${url}/mcp`, bob, era)
    operator = await connectHttp(`${url}/mcp`, aliceInProduction, era)
  })
  afterAll(async () => {
    await Promise.all([reader?.close(), operator?.close()])
  })

  test('whoever only reads runs what was understood; whoever may run anything runs their own text in their own session', async () => {
    expect(await run(reader, 'web-1', `tail -n 1 ${folder}/logs/app.log | grep two`)).toMatchObject({
      stdout: 'two\n',
      command: `tail -n 1 ${folder}/logs/app.log | grep two`,
    })
    await run(operator, 'web-1', 'ls() { echo shadowed; }')
    expect(await run(operator, 'web-1', `ls ${folder}/logs`)).toMatchObject({ stdout: 'shadowed\n' })
  })

  test('what does more is denied before a byte is sent, with why and with what the rule says', async () => {
    const seen = sshd.authenticationAttempts()
    const mark = join(folder, `mark-${era}`)
    for (const command of [
      `touch ${mark}`,
      `ls / > ${mark}`,
      `ls; touch ${mark}`,
      `ls $(touch ${mark})`,
      `find /etc/hosts -exec touch ${mark} \\;`,
    ]) {
      const told = await call(reader, 'execute_command', { host: 'web-1', command })
      expect(codeOf(told), command).toBe('forbidden')
      expect(textOf(told)).toContain('Ask operations.')
    }
    expect(existsSync(mark)).toBe(false)
    expect(sshd.authenticationAttempts()).toBe(seen)
  })

  test('an operator runs what they like, and on another host too', async () => {
    expect(await run(operator, 'web-1', 'X=3; echo $X')).toMatchObject({ stdout: '3\n' })
    expect(await run(operator, 'lab-1', 'echo $((1 + 1))')).toMatchObject({ stdout: '2\n' })
  })
})

describe('files', () => {
  test('are read below the paths of a rule, and where they really are', async () => {
    const read = (path: string) => call(bobAtMachine, 'read_file', { host: 'db-1', path: join(folder, path) })
    expect(textOf(await read('logs/app.log'))).toContain('two')
    for (const path of ['secret/key', 'logs/link', 'logs/folder/up/key', 'logs/folder/up/nothing']) {
      const told = await read(path)
      expect([path, codeOf(told)]).toEqual([path, 'forbidden'])
      expect(textOf(told)).not.toContain('hidden')
    }
    expect(codeOf(await read('logs/nothing'))).toBe('file_not_found')
    const list = await call(bobAtMachine, 'list_directory', {
      host: 'db-1',
      path: join(folder, 'logs/folder/up'),
    })
    expect(codeOf(list)).toBe('forbidden')
  })

  test('that give power over the host are not written without somebody to ask', async () => {
    const operator = await connectHttp(`${url}/mcp`, alice)
    const write = (path: string) => call(operator, 'write_file', { host: 'lab-1', path, content: 'x' })
    expect(textOf(await write(join(folder, '.ssh/authorized_keys')))).toContain('decides who may sign in')
    expect(existsSync(join(folder, '.ssh'))).toBe(false)
    expect((await write(join(folder, 'plain'))).isError).toBeFalsy()
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('x')
    await operator.close()
  })
})

describe('step-up', () => {
  test('without the scope of a rule: 403 and a challenge that names all it takes; with it the command runs', async () => {
    const response = await rest(alice, 'execute', { host: 'web-1', command: 'id' })
    expect(response.status).toBe(403)
    const challenge = response.headers.get('www-authenticate') ?? ''
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('scope="mcp:execute prod:write"')
    const allowed = await rest(aliceInProduction, 'execute', { host: 'web-1', command: 'echo in' })
    expect(await allowed.json()).toMatchObject({ output: 'in\n' })
  })

  test('over MCP too, before the tool is run', async () => {
    const headers = {
      Authorization: `Bearer ${alice}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    }
    const ask = (id: number, method: string, params: object, more: Record<string, string> = {}) =>
      fetch(`${url}/mcp`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      })
    const client = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'curl', version: '1' },
    }
    const opened = await ask(0, 'initialize', client)
    await opened.text()
    const session = {
      'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '',
      'MCP-Protocol-Version': '2025-06-18',
    }
    const params = { name: 'execute_command', arguments: { host: 'web-1', command: 'id' } }
    const refused = await ask(1, 'tools/call', params, session)
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain('scope="mcp:execute prod:write"')
  })

  test('the metadata offers the scope', async () => {
    const metadata = await fetch(`${url}/.well-known/oauth-protected-resource`)
    expect(await metadata.json()).toMatchObject({ scopes_supported: ['mcp:execute', 'prod:write'] })
  })
})

describe('the record', () => {
  test('names the rule, the version of the rules and the classes', async () => {
    await rest(bob, 'execute', { host: 'web-1', command: 'ls /' })
    const decided = home
      .auditRecords()
      .filter(({ type, command }) => type === 'call.decided' || command === 'ls /')
      .filter(({ type }) => type === 'call.decided')
    expect(decided.at(-1)).toMatchObject({
      verdict: 'allow',
      rule: 'look',
      policy: expect.stringMatching(/^[0-9a-f]{16}$/),
      classes: ['read'],
    })
  })
})

describe('when the rules change', () => {
  afterEach(async () => {
    configure(RULES)
    await applied()
  })

  test('what they no longer allow is ended, and what they allow at other hours is not begun', async () => {
    const mark = `mark-out-of-hours-${process.pid}`
    const running = rest(alice, 'execute', { host: 'lab-1', command: `sleep 300; : ${mark}` })
    await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    // The day after tomorrow, all day: never now, in whatever zone.
    const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 2) % 7]
    configure(`
  - {name: later, roles: operators, hosts: lab-1, when: [{days: ${day}}], effect: allow}
`)
    await applied()
    expect(await (await running).json()).toMatchObject({ outcome: 'cancelled' })
    expect(processesWith(mark)).toEqual([])
    expect(await hostsOf(alice)).toEqual({})
    expect((await rest(alice, 'execute', { host: 'lab-1', command: 'id' })).status).toBe(404)
  })

  test('rules that are lost from the file stay in force', async () => {
    const text = readFileSync(home.configPath, 'utf8')
    writeFileSync(home.configPath, text.slice(0, text.indexOf('rules:')))
    product.process.kill('SIGHUP')
    await expect.poll(() => product.stderr()).toContain('no rules are left')
    expect((await rest(bob, 'execute', { host: 'lab-1', command: 'id' })).status).toBe(404)
  })
})

let changes = 0

async function applied(): Promise<void> {
  product.process.kill('SIGHUP')
  changes += 1
  const count = () => product.stderr().split('Configuration applied').length - 1
  await expect.poll(count).toBeGreaterThanOrEqual(changes)
}
