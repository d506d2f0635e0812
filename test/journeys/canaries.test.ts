import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  ALL_CANARIES,
  CONFIGURED,
  type Configured,
  encoded,
  leakOf,
  OF_HOST,
  OF_HOST_ENVIRONMENT,
  UNRELATED,
} from '../kit/canaries.ts'
import { connectHttp, connectStdio } from '../kit/mcp-client.ts'
import {
  type Home,
  hostYaml,
  makeHome,
  type Product,
  recordingsIn,
  startProduct,
  tablesOf,
} from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { SUDO_USER, type SudoHost, startSudoHost } from '../kit/sudo-user.ts'

/**
 * Everything that a bridge can be asked, with secrets wherever they can be: nothing of them is anywhere but where it was put. Everything
 * that was answered or written is searched in the end.
 */
const place = mkdtempSync(join(tmpdir(), 'bridge-canaries-'))
const at = (name: string) => join(place, name)
const coreOf = (name: Configured) => CONFIGURED[name].cores[0] ?? ''
const quoted = (name: Configured) => JSON.stringify(coreOf(name))
const KEY = coreOf('api-key')
const ENVIRONMENT = {
  CANARY_PASSWORD: coreOf('password-of-env'),
  CANARY_SUDO: coreOf('sudo-of-env'),
  CANARY_ANSWER: coreOf('answer-of-env'),
  CANARY_TOTP: coreOf('totp-of-env'),
  SOME_PASSWORD: UNRELATED[0]?.cores[0],
  OTHER_TOKEN: UNRELATED[1]?.cores[0],
}

let sshd: Sshd
let locked: Sshd
let asking: SudoHost
let home: Home
let stdioHome: Home
let product: Product
const clients: Client[] = []
/** Where something could be read, and what stood there. */
const sinks = new Map<string, string>()
const processes: string[] = []

function note(name: string, text: string): void {
  sinks.set(name, `${sinks.get(name) ?? ''}${text}\n`)
}

/** As much of the file system of the host as the tools look at. */
function furnish(): void {
  const configured = Object.values(CONFIGURED)
  const everything = [...OF_HOST.map(({ line }) => line), ...configured.flatMap(encoded)]
  writeFileSync(at('secrets.txt'), `${everything.join('\n')}\n`)
  writeFileSync(
    at('configured.bin'),
    Buffer.concat([Buffer.from([0, 255]), ...configured.map(({ line }) => Buffer.from(line))]),
  )
  writeFileSync(at('one.txt'), `first\npassword: ${coreOf('password-1')}\nlast\n`)
  mkdirSync(at(`names ${coreOf('sudo-1').replaceAll('/', '')}`))
  mkdirSync(at('named'))
  // What needs no context is known in a name too.
  for (const { cores, line } of [...configured, ...OF_HOST])
    for (const core of cores.filter((one) => one === line))
      if (core.length < 200 && !core.includes('/')) writeFileSync(join(at('named'), core), core)
}

function configuration({ directory }: Home, extra: string): string {
  const secretFile = (name: Configured) => {
    const path = join(directory, name)
    writeFileSync(path, `${coreOf(name)}\n`, { mode: 0o600 })
    return `"\${file:${path}}"`
  }
  const closed = { host: '127.0.0.1', port: '1', private_key_path: '', host_key: '' }
  const refused = { port: String(locked.port), host_key: locked.hostKeyFingerprint, private_key_path: '' }
  const encrypted = (name: Configured) => {
    const path = join(directory, `${name}.key`)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', coreOf(name), '-f', path])
    return { private_key_path: path, passphrase: quoted(name) }
  }
  const sudo = (name: string, password: string) =>
    hostYaml(name, asking.sshd, { username: SUDO_USER, sudo: `{password: ${password}}` })
  const prompts = [
    `[{prompt: one, answer: ${quoted('answer-1')}}, {prompt: two, answer: ${quoted('answer-2')}}, {prompt: code, totp_secret: ${quoted('totp-1')}}]`,
    `[{prompt: one, answer: "\${env:CANARY_ANSWER}"}, {prompt: two, answer: ${secretFile('answer-of-file')}}, {prompt: a, totp_secret: ${quoted('totp-2')}}, {prompt: b, totp_secret: "\${env:CANARY_TOTP}"}]`,
  ]
  return [
    extra,
    'limits: {calls_per_minute: 100000}',
    'recording: {enabled: true}',
    `approvals: {webhook: {url: "http://127.0.0.1:9/", secret: ${quoted('webhook-secret')}}}`,
    `redaction: {extra: ['badge-(\\d{8})']}`,
    'hosts:',
    hostYaml('web', sshd, {
      terminal: 'true',
      description: JSON.stringify(`Web, not ${coreOf('password-2')}`),
    }),
    hostYaml('shell', sshd, { execution_mode: 'shell' }),
    hostYaml('refused-1', locked, { ...refused, password: quoted('password-1') }),
    hostYaml('refused-2', locked, {
      ...refused,
      password: '"${env:CANARY_PASSWORD}"',
      answers: prompts[0] ?? '',
    }),
    hostYaml('closed-1', sshd, { ...closed, password: quoted('password-2'), answers: prompts[1] ?? '' }),
    hostYaml('closed-2', sshd, { ...closed, password: secretFile('password-of-file') }),
    hostYaml('closed-3', sshd, { ...closed, password: quoted('password-3'), jump: 'refused-1' }),
    hostYaml('other-key', sshd, {
      private_key_path: '',
      host_key: `SHA256:${'A'.repeat(43)}`,
      password: quoted('password-4'),
    }),
    hostYaml('locked-key-1', locked, encrypted('passphrase-1')),
    hostYaml('locked-key-2', locked, encrypted('passphrase-2')),
    sudo('sudo-1', quoted('sudo-1')),
    sudo('sudo-2', quoted('sudo-2')),
    sudo('sudo-3', '"${env:CANARY_SUDO}"'),
    sudo('sudo-4', secretFile('sudo-of-file')),
  ].join('\n')
}

beforeAll(async () => {
  const environment = OF_HOST_ENVIRONMENT.map(({ name, cores }) => `${name}=${cores[0]}`)
  ;[sshd, locked, asking, home, stdioHome] = await Promise.all([
    startSshd({ config: [`SetEnv ${environment.join(' ')}`, 'Subsystem sftp internal-sftp'] }),
    startSshd({ config: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'] }),
    startSudoHost('bash'),
    makeHome(),
    makeHome(),
  ])
  chmodSync(place, 0o755)
  furnish()
  const log = (of: Home) => `log_level: DEBUG, log_file: ${join(of.directory, 'bridge.log')}`
  home.configure(configuration(home, `server: {api_key: ${KEY}, ${log(home)}}`))
  stdioHome.configure(configuration(stdioHome, `server: {api_key: ${KEY}, ${log(stdioHome)}}`))
  Object.assign(process.env, ENVIRONMENT)
  product = await startProduct(home)
})

afterAll(async () => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name]
  await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
  await product?.stop('SIGKILL')
  await Promise.all([sshd?.stop(), locked?.stop(), asking?.stop()])
  await Promise.all([home?.remove(), stdioHome?.remove()])
  rmSync(place, { recursive: true, force: true })
})

type Call = readonly [tool: string, args: Record<string, unknown>]

const web = (command: string, more: Record<string, unknown> = {}): Call => [
  'execute_command',
  { host: 'web', command, ...more },
]

/** Each tool, with each way in which it can be answered. */
function calls(): Call[] {
  const file = at('secrets.txt')
  const typed = coreOf('password-1').replaceAll("'", '')
  return [
    ['list_hosts', {}],
    ['describe_host', { host: 'web' }],
    web(`cat ${file}`),
    web(`cat ${file} >&2; exit 3`),
    web(`cat ${file}; kill -9 $$`),
    web(`cat ${file}; sleep 30`, { timeout_seconds: 1 }),
    web(`cat ${at('configured.bin')}`),
    web('env'),
    web(`base64 ${file}`),
    web(`base64 -w 0 ${at('configured.bin')}; echo; xxd -p -c 100000 ${at('configured.bin')}`),
    web(`grep --color=always -n . ${file}`),
    web(`sed 's/./&\\x1b[0m/g' ${at('one.txt')}`),
    web(`for i in $(seq 400); do cat ${file}; done`),
    web(`echo '${typed}'; echo '${coreOf('webhook-secret')}'`),
    web(`no-such-program '${typed}'`),
    [
      'execute_command',
      {
        host: 'shell',
        command: `cd '${at(`names ${coreOf('sudo-1').replaceAll('/', '')}`)}'; pwd; cat ${file}`,
      },
    ],
    ['get_working_directory', { host: 'shell' }],
    ['execute_command', { host: 'shell', command: `exec cat ${file}` }],
    ['get_session_stats', {}],
    ['close_session', { host: 'shell' }],
    ['open_session', { host: 'shell', name: 'canary' }],
    ['run_on_hosts', { hosts: ['*'], command: `cat ${file}`, timeout_seconds: 20 }],
    [
      'run_on_hosts',
      { hosts: ['web', 'shell'], command: `hostname; env; echo ${typed.replace(/[^\w]/g, '')}` },
    ],
    ['read_file', { host: 'web', path: file }],
    ['read_file', { host: 'web', path: at('configured.bin'), encoding: 'base64' }],
    ['read_file', { host: 'web', path: file, first_line: 3, lines: 40 }],
    ['read_file', { host: 'web', path: file, offset: 700, length: 900 }],
    ['read_file', { host: 'web', path: join(place, `missing-${typed}`) }],
    ['list_directory', { host: 'web', path: at('named') }],
    ['list_directory', { host: 'web', path: place, depth: 2 }],
    [
      'write_file',
      { host: 'web', path: at('one.txt'), content: `first\npassword: ${coreOf('password-2')}\nlast\n` },
    ],
    [
      'edit_file',
      { host: 'web', path: at('one.txt'), edits: [{ old_text: 'last', new_text: coreOf('sudo-2') }] },
    ],
    [
      'edit_file',
      { host: 'web', path: at('one.txt'), edits: [{ old_text: coreOf('totp-1'), new_text: 'x' }] },
    ],
    ['undo_change', { change_id: 'chg_none' }],
    [
      'transfer_file',
      { from_host: 'web', from_path: at('named'), to_host: 'shell', to_path: at('copied'), recursive: true },
    ],
    ['transfer_file', { from_host: 'web', from_path: file }],
    ['check_command', { host: 'web', command: `cat ${file}; echo '${typed}'` }],
    ...[
      'refused-1',
      'refused-2',
      'closed-1',
      'closed-2',
      'closed-3',
      'other-key',
      'locked-key-1',
      'locked-key-2',
    ].map((host): Call => ['execute_command', { host, command: 'id' }]),
    ...['sudo-1', 'sudo-2', 'sudo-3', 'sudo-4'].map(
      (host): Call => ['execute_command', { host, command: 'id', sudo: true }],
    ),
    ['read_file', { host: 'sudo-1', path: '/etc/shadow', sudo: true }],
    // No host, no tool, no argument of that name.
    ['execute_command', { host: typed.replace(/[^\w]/g, ''), command: 'id' }],
    ['execute_command', { host: 'web', command: 'id', password: typed }],
    ['execute_command', { host: 'web', command: 'id', timeout_seconds: KEY }],
    ['get_command_output', { command_id: `cmd_${'A'.repeat(22)}` }],
    ['cancel_command', { command_id: KEY }],
    ['no_such_tool', { password: typed }],
  ]
}

async function ask(name: string, client: Client, [tool, args]: Call): Promise<Record<string, unknown>> {
  const progress = (of: unknown) => note(`${name}, progress of ${tool}`, JSON.stringify(of))
  const options = { timeout: 60_000, onprogress: progress }
  const answer = await client
    .callTool({ name: tool, arguments: args }, options)
    .catch((error: unknown) => ({ error: String(error), data: (error as { data?: unknown }).data }))
  // The text is searched as it is read, and with its escapes, as it went over the wire.
  const texts = 'content' in answer ? (answer.content as { text?: string }[]).map(({ text }) => text) : []
  note(`${name}, ${tool}`, `${texts.join('\n')}\n${JSON.stringify(answer)}`)
  return 'structuredContent' in answer ? ((answer.structuredContent ?? {}) as Record<string, unknown>) : {}
}

/** What has an id is asked about again: pages, the end, lines; it is cancelled; a change is undone; a terminal is used. */
async function followUp(name: string, client: Client): Promise<void> {
  const asked = (call: Call) => ask(name, client, call)
  const file = at('secrets.txt')
  const { command_id } = await asked(web(`while :; do cat ${file}; sleep 0.2; done`, { wait_seconds: 1 }))
  for (let offset = 0; offset < 12_000; offset += 700)
    await asked(['get_command_output', { command_id, offset, max_bytes: 700 }])
  await asked(['get_command_output', { command_id, tail: 5_000 }])
  await asked(['get_command_output', { command_id, pattern: '(?i)password|key|token' }])
  await asked(['cancel_command', { command_id }])
  await asked(['get_command_output', { command_id, stream: 'stderr' }])
  const slow = await asked(
    web(`while read -r line; do printf '%s' "$line"; sleep 0.01; echo; done < ${file}`, { wait_seconds: 1 }),
  )
  for (let round = 0; round < 20; round += 1)
    await asked([
      'get_command_output',
      { command_id: slow.command_id, offset: 0, max_bytes: 100_000, wait_seconds: 1 },
    ])
  const change = await asked([
    'write_file',
    { host: 'web', path: at('two.txt'), content: coreOf('password-3') },
  ])
  await asked(['undo_change', { change_id: change.change_id, dry_run: true }])
  await asked(['undo_change', { change_id: change.change_id }])
  const { session } = await asked(['open_session', { host: 'web', kind: 'terminal' }])
  const type = (text: string): Call => [
    'use_terminal',
    { host: 'web', session, input: [{ text }, { key: 'Enter' }], quiet_ms: 700 },
  ]
  await asked(type(`clear; tail -30 ${file}`))
  await asked(type(`cat ${at('one.txt')}; echo '${coreOf('answer-1').replaceAll("'", '')}'`))
  await asked(type(`cat ${file}`))
  await asked(['use_terminal', { host: 'web', session, read: 'changes' }])
}

/** REST, and everything that can be fetched. */
async function rest(): Promise<void> {
  const file = at('secrets.txt')
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const get = [
    '/health',
    '/ready',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/.well-known/oauth-protected-resource',
    '/nothing',
  ]
  const own = [
    'hosts',
    'stats',
    'approvals',
    'grants',
    'changes',
    'locks',
    'taints',
    `nothing?key=${encodeURIComponent(KEY)}`,
  ]
  const posts: [string, unknown][] = [
    ['execute', { host: 'web', command: `cat ${file}` }],
    ['execute', { host: 'shell', command: `cat ${file} >&2; exit 2` }],
    ['execute', { host: 'refused-1', command: 'id' }],
    ['execute', { host: 'sudo-1', command: 'id', sudo: true }],
    ['execute', { host: 'nobody', command: coreOf('password-1') }],
    ['execute', { host: 'web', command: `echo '${coreOf('answer-1').replaceAll("'", '')}'` }],
    ['run-on-hosts', { hosts: ['web', 'shell', 'closed-1'], command: `cat ${file}` }],
    ['working-directory', { host: 'shell' }],
    ['close-session', { host: 'shell' }],
    ['check', { host: 'web', command: `cat ${file}` }],
    ['commands/output', { command_id: KEY }],
    ['execute', `{"host": "web", "command": ${JSON.stringify(coreOf('password-1'))}`],
  ]
  const fetched = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${product.url}${path}`, init)
    note(`REST ${path}`, `${JSON.stringify([...response.headers])}\n${await response.text()}`)
  }
  for (const path of get) await fetched(path)
  for (const path of own) await fetched(`/api/v1/${path}`, { headers })
  for (const [path, body] of posts)
    await fetched(`/api/v1/${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  await fetched('/api/v1/hosts', { headers: { authorization: `Bearer ${coreOf('totp-1')}` } })
}

/** The command lines of the bridge and of all that it starts. */
function watchProcesses(pid: number | undefined): () => void {
  const timer = setInterval(() => {
    const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
    const rows = listed.map((line) => /^\s*(\d+)\s+(\d+) (.*)$/.exec(line)).filter((row) => row !== null)
    const own = new Set([String(pid)])
    for (const [, child = '', parent = ''] of rows) if (own.has(parent)) own.add(child)
    processes.push(...rows.flatMap(([, child = '', , args = '']) => (own.has(child) ? [args] : [])))
  }, 250)
  return () => clearInterval(timer)
}

/** What the bridge wrote, but for the places that hold output and commands as they are, which docs/SECURITY.md names. */
function noteFiles(name: string, { directory }: Home): void {
  const raw =
    /^state\/(?:(?:commands|changes|approvals|sessions)\b|bridge\.db)|^(?:config\.yaml|[a-z-]+(?:-of-file|\.key))$/
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, entry)
    if (statSync(path).isFile() && !raw.test(relative(directory, path)))
      note(`${name}, ${entry.replace(/\d{4}-\d\d-\d\d/, 'DAY')}`, readFileSync(path, 'utf8'))
  }
  note(`${name}, recordings`, recordingsIn(join(directory, 'state')))
  for (const [table, rows] of tablesOf(join(directory, 'state')))
    if (!/^(?:commands?|changes?|approvals?|sessions)(?:_|$)/.test(table))
      note(`${name}, table ${table}`, rows)
}

describe('after everything was asked by every door', () => {
  beforeAll(async () => {
    const unwatch = watchProcesses(product.process.pid)
    const http = await connectHttp(`${product.url}/mcp`, KEY, 'modern')
    const stdio = await connectStdio(stdioHome, 'legacy')
    clients.push(http, stdio)
    for (const [name, client] of [
      ['MCP over HTTP', http],
      ['MCP over stdio', stdio],
    ] as const) {
      note(`${name}, tools`, JSON.stringify(await client.listTools()))
      for (const call of calls()) await ask(name, client, call)
      await followUp(name, client)
    }
    await rest()
    const detached = await ask(
      'detached',
      http,
      web(`cat ${at('secrets.txt')}; sleep 3; cat ${at('secrets.txt')}`, { detached: true, wait_seconds: 1 }),
    )
    await product.stop('SIGKILL')
    note('standard error, first', product.stderr())
    product = await startProduct(home)
    const again = await connectHttp(`${product.url}/mcp`, KEY, 'modern')
    clients.push(again)
    const read = (): Call => [
      'get_command_output',
      { command_id: detached.command_id, offset: 0, max_bytes: 1_000_000, wait_seconds: 2 },
    ]
    await vi.waitUntil(async () => (await ask('after a restart', again, read())).state === 'completed', {
      timeout: 30_000,
    })
    unwatch()
    await Promise.all(clients.map((client) => client.close()))
    await product.stop()
    note('standard error, second', product.stderr())
    note('process list', processes.join('\n'))
    noteFiles('HTTP', home)
    noteFiles('stdio', stdioHome)
  }, 400_000)

  test('there were so many canaries and so many places to look at that it means something', () => {
    expect(ALL_CANARIES.length).toBeGreaterThanOrEqual(60)
    expect(sinks.size).toBeGreaterThan(60)
    const text = [...sinks.values()].join('\n')
    for (const kind of ['private_key', 'configured', 'custom', 'git_token', 'assignment', 'password_hash'])
      expect(text).toContain(`"${kind}":`)
    expect(processes.length).toBeGreaterThan(0)
    for (const tool of ['use_terminal', 'undo_change', 'edit_file', 'list_directory', 'run_on_hosts'])
      for (const door of ['HTTP', 'stdio'])
        expect(sinks.get(`MCP over ${door}, ${tool}`)).toContain('[redacted')
    for (const name of ['HTTP, recordings', 'stdio, recordings']) {
      expect(sinks.get(name)).toContain('[redacted')
      expect(sinks.get(name)?.length, name).toBeGreaterThan(20_000)
    }
    for (const name of ['HTTP, bridge.log', 'stdio, bridge.log', 'HTTP, table audit', 'REST /metrics'])
      expect(sinks.get(name)?.length, name).toBeGreaterThan(500)
  })

  test('a search for them would find them', () => {
    for (const canary of ALL_CANARIES) {
      expect(leakOf(canary, `x ${canary.line} y`)).toContain(canary.name)
      for (const form of encoded(canary)) expect(leakOf(canary, form), form).toContain(canary.name)
    }
  })

  test.each(ALL_CANARIES.map((canary) => [canary.name, canary] as const))('%s is nowhere', (_, canary) => {
    const found = [...sinks].flatMap(([name, text]) => {
      const leak = leakOf(canary, text)
      return leak === undefined ? [] : [`${name}: ${leak}`]
    })
    expect(found).toEqual([])
  })
})
