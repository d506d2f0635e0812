import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { compareTimes, takeTheSameTime } from '../kit/apart.ts'
import { type Scratch, scratch } from '../kit/file-tools.ts'
import { freePort } from '../kit/free-port.ts'
import { INITIALIZE, modern } from '../kit/mcp-http.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { TokenForge } from '../kit/token-forge.ts'

/**
 * Two people who may do the same: whatever identifier of Ann's Ben gets hold of, he is answered as if it had never been, word for word
 * and as fast. Carol answers requests. Every argument of every tool and operation is either in the table or known to name nobody's own.
 */

let sshd: Sshd
let forge: TokenForge
let home: Home
let place: Scratch
let product: Product
let ids: Record<Kind, string>
const tokens: Record<string, string> = {}

const PRIVATE = 'only-ann-may-read-this'
/** As GitHub makes them. */
const SECRET = `ghp_${randomBytes(40).toString('base64').replace(/\W/g, '').slice(0, 36)}`

const KINDS = {
  running: 'a command that runs',
  ended: 'a command that is over',
  handed_back: 'a command that outlived its call',
  detached: 'a detached command',
  waiting: 'a command that waits for approval',
  denied: 'a command that was denied',
  session: 'a session',
  terminal: 'a terminal',
  change: 'a change of a file',
  key: 'an idempotency key',
  other_key: 'another idempotency key',
  secret: 'the handle of a secret',
  grant: 'a grant',
  lock: 'a lock',
} as const
type Kind = keyof typeof KINDS
const COMMANDS: readonly Kind[] = ['running', 'ended', 'handed_back', 'detached', 'waiting', 'denied']

beforeAll(async () => {
  const port = await freePort()
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  forge = await TokenForge.start({ resource: `http://127.0.0.1:${port}`, clock: systemClock, marginS: 20 })
  home = await makeHome()
  place = scratch()
  for (const name of ['ann', 'ben', 'carol']) {
    const scope = `mcp:execute mcp:approve${name === 'carol' ? ' mcp:operate' : ''}`
    tokens[name] = forge.having({
      sub: name,
      email: `${name}@example.com`,
      scope,
      exp: forge.nowS + 3_600,
    })
  }
  const { issuer, resource } = forge
  home.configure(`
server:
  port: ${port}
  enable_legacy_sse: true
  oauth: {enabled: true, issuer: "${issuer.url}", audience: "${resource}", jwks_uri: "${issuer.jwksUri}"}
limits: {calls_per_minute: 1000000}
roles: [{name: oncall, match: [{emails: carol@example.com}]}]
people: [{name: ann, emails: ann@example.com}, {name: ben, emails: ben@example.com}, {name: carol, emails: carol@example.com}]
rules:
  - {name: asks, hosts: vault, actions: [read, run], effect: approve, approvers: [oncall]}
  - {name: all, actions: [read, run, write, session, terminal, transfer], secrets: true, effect: allow}
hosts:
${hostYaml('web', sshd)}${hostYaml('shell', sshd, { execution_mode: 'shell', terminal: 'true' })}${hostYaml('vault', sshd)}`)
  product = await startProduct(home, { port })
  ids = await annsOwn()
}, 180_000)

afterAll(async () => {
  await product?.stop()
  await Promise.all([sshd?.stop(), forge?.close(), home?.remove()])
  place?.remove()
})

interface Seen {
  readonly status: number
  readonly text: string
  /** Of a tool or an operation that did what it was asked. */
  // biome-ignore lint/suspicious/noExplicitAny: what there is of it is compared with what is expected
  readonly body: any
}

function send(who: string, path: string, method: string, more: Record<string, string> = {}, body?: unknown) {
  const headers = {
    Authorization: `Bearer ${tokens[who]}`,
    Accept: 'application/json, text/event-stream',
    'Content-Type': 'application/json',
    ...more,
  }
  return fetch(product.url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function ask(who: string, path: string, body?: unknown, more?: Record<string, string>): Promise<Seen> {
  const response = await send(who, path, body === undefined ? 'GET' : 'POST', more, body)
  const text = await response.text()
  const parsed = JSON.parse(/^\{.*\}$/ms.exec(text)?.[0] ?? '{}')
  return { status: response.status, text, body: parsed.result?.structuredContent ?? parsed }
}

function tool(who: string, name: string, args: Record<string, unknown>): Promise<Seen> {
  const { body, headers } = modern('tools/call', { name, arguments: args })
  return ask(who, '/mcp', body, headers)
}

function rest(who: string, method: 'GET' | 'POST', path: string, input: Record<string, unknown> = {}) {
  if (method === 'POST') return ask(who, `/api/v1/${path}`, input)
  const query = new URLSearchParams(input as Record<string, string>)
  return ask(who, `/api/v1/${path}?${query}`)
}

const run = (who: string, host: string, command: string, more: Record<string, unknown> = {}) =>
  tool(who, 'execute_command', { host, command, ...more })

/** One of each kind, and none of them used up by being asked about. */
async function annsOwn(): Promise<Record<Kind, string>> {
  const running = await run('ann', 'web', `echo ${PRIVATE}; sleep 900`, { wait_seconds: 0 })
  const ended = await run('ann', 'web', `echo ${PRIVATE}`)
  const handedBack = await run('ann', 'web', `echo ${PRIVATE}; sleep 0.2`, { wait_seconds: 0 })
  await tool('ann', 'get_command_output', {
    command_id: handedBack.body.command_id,
    wait_seconds: 30,
    offset: 99,
  })
  const detached = await run('ann', 'web', `echo ${PRIVATE}; sleep 900`, { wait_seconds: 0, detached: true })
  const [waiting, denied, granted] = [
    await run('ann', 'vault', `echo ${PRIVATE} 1`),
    await run('ann', 'vault', `echo ${PRIVATE} 2`),
    await run('ann', 'vault', `echo ${PRIVATE} 3`),
  ]
  const { approvals } = (await rest('carol', 'GET', 'approvals')).body as {
    approvals: { command_id: string; digest: string }[]
  }
  const answer = ({ body: { command_id } }: Seen, more: Record<string, unknown>) => {
    const digest = approvals.find((one) => one.command_id === command_id)?.digest
    return rest('carol', 'POST', 'approvals/answer', { command_id, digest, ...more })
  }
  await answer(denied, { verdict: 'deny' })
  await answer(granted, { verdict: 'approve', grant_seconds: 3_600 })
  const { grants } = (await rest('ann', 'GET', 'grants')).body as {
    grants: { grant_id: string }[]
  }
  const session = await tool('ann', 'open_session', { host: 'shell' })
  await run('ann', 'shell', `KEPT=${PRIVATE}`, { session: session.body.session })
  const terminal = await tool('ann', 'open_session', { host: 'shell', kind: 'terminal' })
  writeFileSync(place.at('a'), PRIVATE)
  const change = await tool('ann', 'write_file', { host: 'web', path: place.at('a'), content: 'changed' })
  for (const idempotency_key of ['anns-key', 'anns-other-key'])
    await run('ann', 'web', `echo ${PRIVATE}`, { idempotency_key })
  const leak = await run('ann', 'web', `printf %s%s ghp_ ${SECRET.slice(4)}`)
  const lock = await rest('carol', 'POST', 'locks', { on: { kind: 'client', client: 'nobody' } })
  return {
    running: running.body.command_id,
    ended: ended.body.command_id,
    handed_back: handedBack.body.command_id,
    detached: detached.body.command_id,
    waiting: waiting.body.command_id,
    denied: denied.body.command_id,
    session: session.body.session,
    terminal: terminal.body.session,
    change: change.body.change_id,
    key: 'anns-key',
    other_key: 'anns-other-key',
    secret: /secret:[0-9a-f]{16}/.exec(leak.text)?.[0] ?? 'none',
    grant: grants[0]?.grant_id ?? 'none',
    lock: lock.body.lock.id,
  }
}

/** Of the same form, and nobody's. */
function never(kind: Kind): string {
  if (kind === 'key' || kind === 'other_key') return `key-${randomBytes(4).toString('hex')}`
  if (kind === 'secret') return `secret:${randomBytes(8).toString('hex')}`
  const [prefix] = ids[kind].split('_')
  return `${prefix}_${randomBytes(16).toString('base64url')}`
}

interface Row {
  /** The tool, or the operation of REST. */
  readonly of: string
  readonly argument: string
  readonly kinds: readonly Kind[]
  ask(who: string, id: string): Promise<Seen>
  /** Something is run for it each time. */
  readonly runs?: true
  /** It is answered what the rules say, whether there is one or not. */
  readonly tellsNothing?: true
}

const viaTool = (
  of: string,
  argument: string,
  kinds: readonly Kind[],
  more: Record<string, unknown> = {},
): Row => ({
  of,
  argument,
  kinds,
  ask: (who, id) => tool(who, of, { ...more, [argument]: id }),
})

const viaRest = (
  of: string,
  [method, path]: readonly ['GET' | 'POST', string],
  argument: string,
  kinds: readonly Kind[],
  more: Record<string, unknown> = {},
): Row => ({
  of: `rest ${of}`,
  argument,
  kinds,
  ask: (who, id) => rest(who, method, path, { ...more, [argument]: id }),
})

const inEnv = (id: string) => ({ env: { TOKEN: id } })
const SESSIONS: readonly Kind[] = ['session', 'terminal']
const onShell = { host: 'shell' }
const echo = { host: 'web', command: 'echo hi' }

const ROWS: readonly Row[] = [
  viaTool('get_command_output', 'command_id', COMMANDS),
  viaTool('get_command_output', 'command_id', COMMANDS, { tail: 100, stream: 'stdout' }),
  viaTool('get_command_output', 'command_id', COMMANDS, { pattern: 'only' }),
  viaTool('cancel_command', 'command_id', COMMANDS),
  viaTool('execute_command', 'session', SESSIONS, { ...onShell, command: 'pwd' }),
  { ...viaTool('execute_command', 'idempotency_key', ['key'], echo), runs: true },
  {
    ...viaTool('execute_command', 'secrets', ['secret']),
    ask: (who, id) => tool(who, 'execute_command', { ...echo, secrets: inEnv(id) }),
  },
  viaTool('get_working_directory', 'session', SESSIONS, onShell),
  viaTool('close_session', 'session', SESSIONS, onShell),
  viaTool('use_terminal', 'session', SESSIONS, { ...onShell, wait_seconds: 0 }),
  viaTool('undo_change', 'change_id', ['change']),
  viaTool('undo_change', 'change_id', ['change'], { dry_run: true }),
  viaRest('get_command_output', ['GET', 'commands/output'], 'command_id', COMMANDS),
  viaRest('cancel_command', ['POST', 'commands/cancel'], 'command_id', COMMANDS),
  viaRest('execute_command', ['POST', 'execute'], 'session', SESSIONS, { ...onShell, command: 'pwd' }),
  { ...viaRest('execute_command', ['POST', 'execute'], 'idempotency_key', ['other_key'], echo), runs: true },
  {
    ...viaRest('execute_command', ['POST', 'execute'], 'secrets', ['secret']),
    ask: (who, id) => rest(who, 'POST', 'execute', { ...echo, secrets: inEnv(id) }),
  },
  {
    ...viaRest('check_command', ['POST', 'check'], 'session', SESSIONS, { ...onShell, command: 'pwd' }),
    tellsNothing: true,
  },
  viaRest('get_working_directory', ['GET', 'working-directory'], 'session', SESSIONS, onShell),
  viaRest('get_working_directory_by_post', ['POST', 'working-directory'], 'session', SESSIONS, onShell),
  viaRest('close_session', ['POST', 'close-session'], 'session', SESSIONS, onShell),
  viaRest('undo_change', ['POST', 'changes/undo'], 'change_id', ['change']),
  viaRest('answer_approval', ['POST', 'approvals/answer'], 'command_id', COMMANDS, {
    verdict: 'approve',
    digest: 'ab'.repeat(32),
  }),
  viaRest('revoke_grant', ['POST', 'grants/revoke'], 'grant_id', ['grant']),
  {
    of: 'page approvals',
    argument: 'id',
    kinds: COMMANDS,
    ask: (who, id) => ask(who, `/approvals/${id}`),
    tellsNothing: true,
  },
  viaRest('remove_lock', ['POST', 'locks/remove'], 'id', ['lock']),
]

const CASES = ROWS.flatMap((row) =>
  row.kinds.map((kind) => [row.of, row.argument, KINDS[kind], row, kind] as const),
)

/** What differs from one answer to the same question to the next. */
function normal({ status, text }: Seen, id: string): string {
  const same = text
    .replaceAll(id, 'ID')
    .replace(/\bcmd_[\w-]{22}/g, 'CMD')
    .replace(/("duration_ms":|after )[\d.]+/g, '$1N')
    .replace(/(--- (?:end|[a-z]+)(?: [a-z]+)*) [\w-]{6,}/g, '$1 MARK')
  return `${status} ${same}`
}

describe('of another person’s', () => {
  test.each(CASES)('%s %s: %s is answered like none', async (_of, _argument, _what, row, kind) => {
    const [other, none] = [ids[kind], never(kind)]
    const [theirs, nobodys] = [await row.ask('ben', other), await row.ask('ben', none)]
    expect(normal(theirs, other)).toBe(normal(nobodys, none))
    expect(theirs.text).not.toContain(PRIVATE)
    if (row.runs) expect(theirs.body).toMatchObject({ output: 'hi\n' })
    else if (row.tellsNothing) expect(theirs.status).toBe(200)
    else expect(theirs.text).toMatch(/"code":|"closed":false|insufficient_scope/)
  })

  test.each(CASES.filter(([, , , row]) => !row.runs))(
    '%s %s: %s is answered as fast as none',
    async (_of, _argument, _what, row, kind) => {
      const compared = await compareTimes(
        () => row.ask('ben', ids[kind]),
        () => row.ask('ben', never(kind)),
        { pairs: 10, mostPairs: 160 },
      )
      expect(compared).toMatchObject({ same: true })
    },
    120_000,
  )

  test('nothing is listed', async () => {
    const lists = await Promise.all([
      tool('ben', 'get_session_stats', {}),
      ...['stats', 'changes', 'approvals', 'grants'].map((path) => rest('ben', 'GET', path)),
      rest('ben', 'GET', 'approvals', { all: 'true' }),
    ])
    for (const { status, text } of lists) {
      expect(status).toBe(200)
      for (const id of [...Object.values(ids), PRIVATE]) expect(text).not.toContain(id)
    }
  })

  test('a connection of the legacy era is answered like none, by any method and at both doors', async () => {
    const begun = await send('ann', '/mcp', 'POST', {}, INITIALIZE)
    const own = begun.headers.get('mcp-session-id') ?? ''
    await begun.text()
    const stream = await send('ann', '/sse', 'GET')
    const events = stream.body?.getReader()
    const first = new TextDecoder().decode((await events?.read())?.value)
    const [address = '', old = ''] = /\/messages\?session_?[iI]d=([\w-]+)/.exec(first) ?? []
    const doors = [
      ...['POST', 'GET', 'DELETE'].map((method) => [method, own, '/mcp'] as const),
      ['POST', old, address] as const,
    ]
    for (const [method, theirs, path] of doors) {
      const none = theirs.replace(/.{8}$/, randomBytes(4).toString('hex'))
      expect(theirs).toMatch(/[\w-]{20,}/)
      const answers = await Promise.all(
        [theirs, none].map(async (id) => {
          const ping = { jsonrpc: '2.0', id: 2, method: 'ping' }
          const more = { 'Mcp-Session-Id': id, 'Mcp-Protocol-Version': '2025-11-25' }
          const asked = path.replace(theirs, id)
          const response = await send('ben', asked, method, more, method === 'POST' ? ping : undefined)
          return `${response.status} ${(await response.text()).replaceAll(id, 'ID')}`
        }),
      )
      expect(answers[0]).toMatch(/^404 /)
      expect(answers[0]).toBe(answers[1])
    }
    await events?.cancel()
  })

  test('a link that was used up is answered like none: while it lasts it belongs to whoever has it', async () => {
    const made = await tool('ann', 'transfer_file', { from_host: 'web', from_path: place.at('a') })
    const url = String(made.body.url)
    expect(await (await fetch(url)).text()).toBe('changed')
    const none = url.replace(/[\w-]{8}$/, randomBytes(6).toString('base64url'))
    for (const method of ['GET', 'HEAD', 'PUT']) {
      const [used, nobodys] = await Promise.all(
        [url, none].map(async (address) => {
          const response = await fetch(address, { method, ...(method === 'PUT' && { body: 'x' }) })
          return `${response.status} ${await response.text()}`
        }),
      )
      expect(used).toMatch(/^404 /)
      expect(used).toBe(nobodys)
    }
  })
})

describe('of one’s own', () => {
  const byAnn = (of: string, kind: Kind, argument?: string) => {
    const row = ROWS.find(
      (one) => one.of === of && one.kinds.includes(kind) && one.argument === (argument ?? one.argument),
    )
    if (row === undefined) throw new Error(`${of} takes no ${kind}`)
    return row.ask('ann', ids[kind])
  }

  test('everything is as it was before the other asked', async () => {
    for (const kind of ['running', 'detached'] as const)
      expect((await byAnn('get_command_output', kind)).body).toMatchObject({ state: 'running' })
    for (const kind of ['ended', 'handed_back'] as const)
      expect((await byAnn('get_command_output', kind)).body).toMatchObject({
        state: 'completed',
        output: `${PRIVATE}\n`,
      })
    expect((await byAnn('get_command_output', 'waiting')).body).toMatchObject({ state: 'waiting_approval' })
    expect((await byAnn('get_command_output', 'denied')).body).toMatchObject({ state: 'denied' })
    const kept = await run('ann', 'shell', 'echo $KEPT', { session: ids.session })
    expect(kept.body).toMatchObject({ output: `${PRIVATE}\n` })
    expect((await byAnn('use_terminal', 'terminal')).body).toMatchObject({ alive: true })
    const again = await run('ann', 'web', `echo ${PRIVATE}`, { idempotency_key: ids.key })
    expect(again.text).toContain(PRIVATE)
    const used = await run('ann', 'web', 'printf %s "$TOKEN" | wc -c', { secrets: inEnv(ids.secret) })
    expect(used.body).toMatchObject({ output: `${SECRET.length}\n` })
    expect((await rest('ann', 'GET', 'grants')).text).toContain(ids.grant)
    expect((await rest('carol', 'GET', 'locks')).text).toContain(ids.lock)
    const undone = await byAnn('undo_change', 'change')
    expect(undone.body).toMatchObject({ undoes: ids.change, change: 'replaced' })
    for (const kind of ['running', 'detached'] as const)
      expect((await byAnn('cancel_command', kind)).body).toMatchObject({ cancelled: true })
    for (const kind of SESSIONS)
      expect((await byAnn('close_session', kind)).body).toMatchObject({ closed: true })
  })
})

describe('the table', () => {
  /** Arguments that name what belongs to one person. */
  const OWNED = new Set([
    'command_id',
    'session',
    'idempotency_key',
    'secrets',
    'change_id',
    'grant_id',
    'id',
  ])
  /**
   * Texts that name nothing, or what everybody who may names alike: hosts and what is on them, bounds, words for people; and taints, with
   * which everybody deals who has mcp:approve; and that an operator looks after what others run.
   */
  const OTHERS = new Set(
    `host hosts path command working_directory content encoding mode expected_sha256 patch edits pattern stream sort input keys read kind name
     from_host from_path to_host to_path sudo reason verdict digest on all taint_id
     match of_anybody rules since`.split(/\s+/),
  )

  interface Schema {
    readonly type?: string
    readonly properties?: Record<string, { readonly type?: string }>
  }

  const isText = ([, { type }]: [string, { readonly type?: string }]) =>
    !['boolean', 'number', 'integer'].includes(type ?? 'string')
  const textsOf = (of: string, { properties = {} }: Schema) =>
    Object.entries(properties)
      .filter(isText)
      .map(([argument]) => ({ of, argument }))

  async function offered() {
    const { body, headers } = modern('tools/list')
    const { tools } = JSON.parse(
      /\{.*\}/s.exec((await ask('ben', '/mcp', body, headers)).text)?.[0] ?? '',
    ).result
    const { paths } = JSON.parse((await ask('ben', '/openapi.json')).text)
    const operations = Object.values(paths as Record<string, object>).flatMap((path) => Object.values(path))
    // What auditors read is nobody's own: the audit's own journeys say who may.
    const isForAuditors = ({ operationId }: { operationId: string }) => /_recording|_audit/.test(operationId)
    return [
      ...tools.flatMap((one: { name: string; inputSchema: Schema }) => textsOf(one.name, one.inputSchema)),
      ...operations
        .filter((operation) => !isForAuditors(operation))
        .flatMap((operation) => [
          ...textsOf(
            `rest ${operation.operationId}`,
            operation.requestBody?.content['application/json'].schema ?? {},
          ),
          ...(operation.parameters ?? [])
            .filter(({ schema }: { schema: { type?: string } }) => isText(['', schema]))
            .map(({ name }: { name: string }) => ({ of: `rest ${operation.operationId}`, argument: name })),
        ]),
    ] as { of: string; argument: string }[]
  }

  test('has a row for every argument of every tool and operation that names what is somebody’s own', async () => {
    const all = await offered()
    expect(all.length).toBeGreaterThan(60)
    expect(all.filter(({ argument }) => !OWNED.has(argument) && !OTHERS.has(argument))).toEqual([])
    const inTable = new Set(ROWS.map(({ of, argument }) => `${of} ${argument}`))
    expect(
      all.filter(({ of, argument }) => OWNED.has(argument) && !inTable.has(`${of} ${argument}`)),
    ).toEqual([])
  })

  test('would notice answers that take longer for what is there', () => {
    const noise = [0.4, 0.1, 0.9, 0.2, 0.6, 0.3, 7, 0.5, 0.2, 0.8]
    expect(
      takeTheSameTime(
        noise.map((ms) => 3 + ms),
        noise.map((ms) => 3.2 + ms),
      ),
    ).toBe(true)
    expect(
      takeTheSameTime(
        noise.map((ms) => 3 + ms),
        noise.map((ms) => 5 + ms),
      ),
    ).toBe(false)
  })
})
