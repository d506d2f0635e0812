import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import LibSql from 'libsql'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Alice asks, Bob and Carol are on call, Dave may neither. `alice-laptop` is Alice's other key, nobody knows whose `robot` is. */
const NAMES = ['alice', 'alice-laptop', 'bob', 'carol', 'dave', 'robot'] as const
type Name = (typeof NAMES)[number]
const keyOf = (name: Name) => `a-key-of-${name}-for-the-approval-tests`

let sshd: Sshd
let home: Home
let product: Product
let hook: Server
const told: { headers: IncomingMessage['headers']; body: string }[] = []
const clients: Client[] = []

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  home = await makeHome()
  hook = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      told.push({ headers: request.headers, body })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  home.configure(configuration())
  product = await startProduct(home)
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
  hook?.close()
})

const SECRET = 'the-signing-secret-of-the-webhook'

function configuration(extra = ''): string {
  const keys = NAMES.map((name) => {
    const sha256 = createHash('sha256').update(keyOf(name)).digest('hex')
    return `    - {name: ${name}, sha256: ${sha256}, scopes: [mcp:execute, mcp:approve]}`
  })
  const { port } = hook.address() as AddressInfo
  return `
server:
  api_keys:
${keys.join('\n')}
people:
  - {name: alice, api_keys: [alice, alice-laptop]}
  - {name: bob, api_keys: [bob]}
  - {name: carol, api_keys: [carol]}
  - {name: dave, api_keys: [dave]}
roles:
  - {name: oncall, match: [{api_keys: [bob, carol, alice-laptop, robot]}]}
approvals: {max_waiting: 5, webhook: {url: 'http://127.0.0.1:${port}/hook', secret: ${SECRET}}}
rules:
  - {name: two-people, hosts: [vault], actions: [read, run], effect: approve, approvers: [oncall], count: 2}
  - {name: own-word, hosts: [lab], actions: [read, run, write], effect: approve, self_approve: true}
  - {name: ask-first, hosts: [web, shell], actions: [read, run, write], effect: approve, approvers: [oncall]}
  - {name: rest, actions: [read, session], effect: allow}
${extra}
hosts:
${['web', 'vault', 'lab'].map((name) => hostYaml(name, sshd)).join('')}${hostYaml('shell', sshd, { execution_mode: 'shell' })}`
}

async function connect(name: Name, era: 'legacy' | 'modern' = 'modern'): Promise<Client> {
  const client = await connectHttp(`${product.url}/mcp`, keyOf(name), era)
  clients.push(client)
  return client
}

async function tool(client: Client, name: string, args: Record<string, unknown>) {
  const result = await client.callTool({ name, arguments: args })
  const [block] = result.content as { text: string }[]
  const found = (result.structuredContent ?? {}) as Record<string, unknown>
  return { ...found, isError: result.isError === true, text: block?.text ?? '' } as Told
}

interface Told {
  readonly isError: boolean
  readonly text: string
  readonly command_id: string
  readonly state: string
  readonly output: string
  readonly outcome: string
  readonly approval_url?: string
}

/** Alice asks for a command that needs approval. */
async function ask(host: string, command: string, more: Record<string, unknown> = {}): Promise<Told> {
  return tool(await connect('alice'), 'execute_command', { host, command, ...more })
}

async function rest(name: Name, path: string, body?: unknown) {
  const response = await fetch(`${product.url}/api/v1/${path}`, {
    headers: { Authorization: `Bearer ${keyOf(name)}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as never as Rest }
}

interface Request {
  readonly command_id: string
  readonly digest: string
  readonly text: string
  readonly state: string
  readonly requester: string
  readonly rule: string
  readonly understood: readonly string[]
  readonly reason?: string
  readonly host: string
  readonly expires_at: string
  readonly own: boolean
}

type Rest = Request & {
  readonly approvals: readonly Request[]
  readonly grants: readonly { readonly grant_id: string }[]
  readonly error: { readonly code: string; readonly message: string }
}

async function requestOf(id: string, as: Name = 'bob'): Promise<Request> {
  const { body } = await rest(as, 'approvals?all=true')
  const found = body.approvals.find(({ command_id }) => command_id === id)
  if (found === undefined) throw new Error(`${as} sees no ${id}`)
  return found
}

async function answer(as: Name, id: string, verdict: 'approve' | 'deny', more: Record<string, unknown> = {}) {
  const { digest } = await requestOf(id)
  return rest(as, 'approvals/answer', { command_id: id, verdict, digest, ...more })
}

/** How it stands; with time to wait, once it is over. */
async function follow(id: string, waitSeconds = 10): Promise<Told> {
  const client = await connect('alice')
  for (;;) {
    const asked = { command_id: id, wait_seconds: waitSeconds }
    const told = await tool(client, 'get_command_output', asked)
    if (waitSeconds === 0 || !['waiting_approval', 'queued', 'running'].includes(told.state)) return told
  }
}

const marker = (name: string) => join(home.directory, name)

describe('a command that a rule wants approved', () => {
  test('answers at once with an id and a link, runs nothing, and by itself once another person approves it', async () => {
    const file = marker('approved')
    const waiting = await ask('web', `echo went > ${file}; echo done`, { reason: 'disk is full' })
    expect(waiting).toMatchObject({ isError: false, state: 'waiting_approval', outcome: 'waiting_approval' })
    expect(waiting.text).toContain('WAITING FOR APPROVAL')
    expect(waiting.approval_url).toBe(`${product.url}/approvals/${waiting.command_id}`)
    expect(await follow(waiting.command_id, 0)).toMatchObject({ state: 'waiting_approval' })
    expect(existsSync(file)).toBe(false)

    const request = await requestOf(waiting.command_id)
    expect(request).toMatchObject({
      state: 'waiting',
      requester: 'alice',
      host: 'web',
      rule: 'ask-first',
      reason: 'disk is full',
      text: `echo went > ${file}; echo done`,
      own: false,
    })
    expect((await answer('bob', waiting.command_id, 'approve')).status).toBe(200)
    expect(await follow(waiting.command_id)).toMatchObject({ state: 'completed', output: 'done\n' })
    expect(readFileSync(file, 'utf8')).toBe('went\n')
  })

  test('runs once although its requester has left, and although two approve at the same moment', async () => {
    const file = marker('counted')
    const { command_id } = await ask('web', `echo x >> ${file}`)
    for (const client of clients.splice(0)) await client.close()
    const { digest } = await requestOf(command_id)
    const approve = { command_id, verdict: 'approve', digest }
    const both = await Promise.all([
      ...['bob', 'carol', 'bob', 'carol'].map((name) => rest(name as Name, 'approvals/answer', approve)),
    ])
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(both.filter(({ status }) => status === 409)).toHaveLength(3)
    expect(await follow(command_id)).toMatchObject({ state: 'completed' })
    expect((await answer('carol', command_id, 'approve')).body.error.code).toBe('approval_over')
    expect(readFileSync(file, 'utf8')).toBe('x\n')
  })

  test('is denied by a person, for a reason that its requester hears', async () => {
    const file = marker('denied')
    const { command_id } = await ask('web', `touch ${file}`)
    expect((await answer('bob', command_id, 'deny', { reason: 'not on a Friday' })).body.state).toBe('denied')
    const told = await follow(command_id)
    expect(told).toMatchObject({ state: 'denied' })
    expect(told.text).toContain('not on a Friday')
    expect((await answer('carol', command_id, 'approve')).body.error.code).toBe('approval_over')
    expect(existsSync(file)).toBe(false)
  })

  test('is withdrawn by its requester, and cannot be approved any more', async () => {
    const { command_id } = await ask('web', 'touch /nowhere/at/all')
    const cancelled = await tool(await connect('alice'), 'cancel_command', { command_id })
    expect(cancelled).toMatchObject({ state: 'cancelled', cancelled: true })
    expect((await answer('bob', command_id, 'approve')).body.error.code).toBe('approval_over')
  })

  test('needs as many different people as its rule says', async () => {
    const { command_id } = await ask('vault', 'echo opened')
    expect((await answer('bob', command_id, 'approve')).body.state).toBe('waiting')
    expect((await answer('bob', command_id, 'approve')).body.error.message).toContain('answered this request')
    expect(await follow(command_id, 0)).toMatchObject({ state: 'waiting_approval' })
    expect((await answer('carol', command_id, 'approve')).body.state).toMatch(/started|completed/)
    expect(await follow(command_id)).toMatchObject({ state: 'completed', output: 'opened\n' })
  })

  test('asked twice the same is one request, and a flood of others is bounded', async () => {
    const first = await ask('web', 'echo same')
    const second = await ask('web', 'echo same')
    expect(second.command_id).toBe(first.command_id)
    expect(second.text).toContain('waits still')
    const others = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ask('web', `echo flood ${index}`)),
    )
    const refused = others.filter(({ isError }) => isError)
    expect(refused).toHaveLength(4)
    expect(refused[0]?.text).toContain('wait for approval')
    for (const { command_id } of [first, ...others.filter(({ isError }) => !isError)])
      await tool(await connect('alice'), 'cancel_command', { command_id })
  })

  test('with an idempotency key is asked once and run once', async () => {
    const file = marker('keyed')
    const key = { idempotency_key: 'deploy-1' }
    const asked = await ask('web', `echo x >> ${file}`, key)
    expect((await ask('web', `echo x >> ${file}`, key)).command_id).toBe(asked.command_id)
    await answer('bob', asked.command_id, 'approve')
    await follow(asked.command_id)
    const again = await ask('web', `echo x >> ${file}`, key)
    expect(again).toMatchObject({ state: 'completed', command_id: asked.command_id })
    expect(readFileSync(file, 'utf8')).toBe('x\n')
  })
})

describe('an approver', () => {
  test('is never the requester, by none of its ways in, nor anybody of whom nobody knows who it is', async () => {
    const { command_id } = await ask('web', 'echo mine')
    for (const [name, told] of [
      ['alice', 'another person'],
      ['alice-laptop', 'another person'],
      ['robot', 'nobody in particular'],
    ] as const) {
      const refused = await answer(name, command_id, 'approve')
      expect([name, refused.status]).toEqual([name, 403])
      expect(refused.body.error.message).toContain(told)
    }
    expect((await answer('bob', command_id, 'approve')).status).toBe(200)
  })

  test('has a role that the rule names: for others there is no such request', async () => {
    const { command_id } = await ask('web', 'echo secret-plan')
    const strange = await answer('dave', command_id, 'approve')
    const unknown = await rest('dave', 'approvals/answer', {
      command_id: `cmd_${'A'.repeat(22)}`,
      verdict: 'approve',
      digest: '0'.repeat(64),
    })
    expect([strange.status, strange.body]).toEqual([unknown.status, unknown.body])
    expect(JSON.stringify((await rest('dave', 'approvals?all=true')).body)).not.toContain('secret-plan')
    await answer('bob', command_id, 'deny')
  })

  test('needs the scope, which the metadata offers to nobody', async () => {
    const { command_id } = await ask('web', 'echo scoped')
    const response = await fetch(`${product.url}/api/v1/approvals`)
    expect(response.status).toBe(401)
    await answer('bob', command_id, 'deny')
  })

  test('says yes to exactly what it saw: one byte other, and the answer names nothing', async () => {
    const first = await ask('web', 'echo aaaa')
    const second = await ask('web', 'echo aaab')
    const { digest } = await requestOf(first.command_id)
    const mixed = { command_id: second.command_id, verdict: 'approve', digest }
    expect((await rest('bob', 'approvals/answer', mixed)).body.error.code).toBe('approval_changed')
    expect(await follow(second.command_id, 0)).toMatchObject({ state: 'waiting_approval' })
    await answer('bob', first.command_id, 'deny')
    await answer('bob', second.command_id, 'deny')
  })

  test('sees what is there: controls, turned text and padding stand as escapes', async () => {
    const hostile = `echo \u202egnp.exe \u001b[2K\u200b${' '.repeat(300)}; echo hidden`
    const { command_id } = await ask('web', hostile)
    const { text } = await requestOf(command_id)
    expect(text).toBe('echo \\u{202e}gnp.exe \\u{1b}[2K\\u{200b}\\x20{300}; echo hidden')
    await answer('bob', command_id, 'deny')
  })

  test('uses the command line: reads, approves by digest, and is told what is wrong', async () => {
    const { command_id } = await ask('web', 'echo by hand')
    const cli = (name: Name, ...args: string[]) =>
      promisify(execFile)(process.execPath, [PROGRAM, ...args, '--url', product.url], {
        env: { ...process.env, SSH_MCP_TOKEN: keyOf(name) },
      }).then(
        ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      )
    const listed = await cli('bob', 'approvals', 'list')
    expect(listed.stdout).toContain('echo by hand')
    expect(listed.stdout).toContain(command_id)
    expect(await cli('bob', 'approvals', 'approve', command_id)).toMatchObject({ code: 1 })
    expect(await cli('alice', 'approvals', 'approve', command_id, '--yes')).toMatchObject({ code: 1 })
    const { digest } = await requestOf(command_id)
    const wrong = await cli('bob', 'approvals', 'approve', command_id, '--digest', '0'.repeat(64))
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('digest')])
    expect(await cli('bob', 'approvals', 'approve', command_id, '--digest', digest)).toMatchObject({
      code: 0,
    })
    expect(await follow(command_id)).toMatchObject({ output: 'by hand\n' })
  })
})

describe('what was approved is carried out only as it was asked', () => {
  test('not when the rules have changed since', async () => {
    const file = marker('other-rules')
    const { command_id } = await ask('web', `touch ${file}`)
    await reconfigure(configuration('  - {name: more, hosts: [lab], actions: [sudo], effect: deny}'))
    expect((await answer('bob', command_id, 'approve')).status).toBe(200)
    const told = await follow(command_id)
    expect(told).toMatchObject({ state: 'expired' })
    expect(told.text).toContain('rules have changed')
    expect(existsSync(file)).toBe(false)
    await reconfigure(configuration())
  })

  test('not when the trusted host key has changed since', async () => {
    const file = marker('other-key')
    const { command_id } = await ask('web', `touch ${file}`)
    const other = configuration().replace(sshd.hostKeyFingerprint, `SHA256:${'A'.repeat(43)}`)
    await reconfigure(other)
    await answer('bob', command_id, 'approve')
    expect((await follow(command_id)).text).toContain('host keys that are trusted')
    expect(existsSync(file)).toBe(false)
    await reconfigure(configuration())
  })

  test('not when the session that it would run in has changed since', async () => {
    const prepared = await ask('shell', 'true')
    await answer('bob', prepared.command_id, 'approve')
    expect(await follow(prepared.command_id)).toMatchObject({ state: 'completed' })
    const file = marker('other-session')
    const late = await ask('shell', `touch ${file}`)
    const before = await ask('shell', 'touch() { echo pwned; }')
    await answer('bob', before.command_id, 'approve')
    expect(await follow(before.command_id)).toMatchObject({ state: 'completed' })
    await answer('bob', late.command_id, 'approve')
    expect((await follow(late.command_id)).text).toContain('state of the session')
    expect(existsSync(file)).toBe(false)
  })

  test('also after a restart, once; and a request that was tampered with in the database is none', async () => {
    const file = marker('restarted')
    const kept = await ask('web', `echo x >> ${file}`)
    const forged = await ask('web', 'echo harmless')
    const { digest } = await requestOf(forged.command_id)
    await product.stop()
    const database = new LibSql(join(home.directory, 'state', 'bridge.db'))
    const forge = database.prepare('UPDATE approvals SET record = REPLACE(record, ?, ?) WHERE id = ?')
    expect(forge.run('echo harmless', `touch ${file}.forged`, forged.command_id).changes).toBe(1)
    database.close()
    product = await startProduct(home)
    const tampered = { command_id: forged.command_id, verdict: 'approve', digest }
    expect((await rest('bob', 'approvals/answer', tampered)).body.error.code).toBe('approval_not_found')
    expect(await follow(kept.command_id, 0)).toMatchObject({ state: 'waiting_approval' })
    await answer('bob', kept.command_id, 'approve')
    expect(await follow(kept.command_id)).toMatchObject({ state: 'completed' })
    await product.stop()
    product = await startProduct(home)
    expect(readFileSync(file, 'utf8')).toBe('x\n')
    expect(existsSync(`${file}.forged`)).toBe(false)
  })
})

describe('other actions than commands', () => {
  test('wait too: a file is written once somebody approves, and what came of it is read by the id', async () => {
    const path = marker('written')
    const waiting = await tool(await connect('alice'), 'write_file', { host: 'web', path, content: 'new\n' })
    expect(waiting.isError).toBe(true)
    const id = /cmd_[\w-]{22}/.exec(waiting.text)?.[0] ?? ''
    const request = await requestOf(id)
    expect(request.text).toContain('write 4 bytes')
    expect(request.text).toContain('new\\n')
    await answer('bob', id, 'approve')
    const told = await follow(id)
    expect(told.output).toContain('"change": "created"')
    expect(readFileSync(path, 'utf8')).toBe('new\n')
  })
})

describe('a grant', () => {
  test('lets exactly the same go on without a question, for this person, until it is revoked', async () => {
    const { command_id } = await ask('web', 'echo again')
    await answer('bob', command_id, 'approve', { grant_seconds: 600 })
    await follow(command_id)
    expect(await ask('web', 'echo again')).toMatchObject({ state: 'completed', output: 'again\n' })
    const other = await ask('web', 'echo again ')
    expect(other.state).toBe('waiting_approval')
    await answer('bob', other.command_id, 'deny')
    const stranger = await tool(await connect('dave'), 'execute_command', {
      host: 'web',
      command: 'echo again',
    })
    expect(stranger.state).toBe('waiting_approval')

    const [grant] = (await rest('bob', 'grants')).body.grants
    expect((await rest('dave', 'grants')).body.grants).toEqual([])
    const revoke = { grant_id: grant?.grant_id }
    expect((await rest('dave', 'grants/revoke', revoke)).status).toBe(404)
    expect((await rest('bob', 'grants/revoke', revoke)).status).toBe(200)
    const asked = await ask('web', 'echo again')
    expect(asked.state).toBe('waiting_approval')
    await answer('bob', asked.command_id, 'deny')
  })
})

describe('a rule that takes the word of the requester', () => {
  test.each(['legacy', 'modern'] as const)(
    'asks its own client, in the %s era, and runs on its yes',
    async (era) => {
      const client = await confirming(era, 'accept')
      const told = await tool(client, 'execute_command', { host: 'lab', command: `echo confirmed ${era}` })
      expect(told).toMatchObject({ state: 'completed', output: `confirmed ${era}\n` })
      const records = home.auditRecords() as unknown as Record<string, unknown>[]
      const answered = records.filter(({ type }) => type === 'approval.answered').at(-1)
      expect(answered).toMatchObject({ as: 'confirmation', verdict: 'approve' })
    },
  )

  test.each(['legacy', 'modern'] as const)('runs nothing on its no, in the %s era', async (era) => {
    const file = marker(`declined-${era}`)
    const client = await confirming(era, 'decline')
    const told = await tool(client, 'execute_command', { host: 'lab', command: `touch ${file}` })
    expect(told).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^Your user was asked and did not confirm it\. Nothing was run/),
    })
    expect(existsSync(file)).toBe(false)
    const written = await tool(client, 'write_file', { host: 'lab', path: file, content: 'x' })
    expect(written.text).toContain('did not confirm it')
    expect(existsSync(file)).toBe(false)
  })

  test('is told as what nobody is asked about, where its client cannot ask', async () => {
    const told = await ask('lab', 'echo unasked')
    expect(told).toMatchObject({ state: 'waiting_approval', isError: false })
    expect(told.text).toMatch(/NOT RUN; it waits as cmd_.*nobody is being asked.*Tell your user/)
    expect((await follow(told.command_id, 0)).text).toContain('through a client that can ask its user')
    await tool(await connect('alice'), 'cancel_command', { command_id: told.command_id })
  })

  test('is not asked where the rule wants another person', async () => {
    let asked = 0
    const client = await confirming('modern', 'accept', () => (asked += 1))
    const told = await tool(client, 'execute_command', { host: 'web', command: 'echo mine too' })
    expect([told.state, asked]).toEqual(['waiting_approval', 0])
    await answer('bob', told.command_id, 'deny')
  })
})

async function confirming(era: 'legacy' | 'modern', action: 'accept' | 'decline', seen = () => {}) {
  const client = await connectHttp(`${product.url}/mcp`, keyOf('alice'), era, {
    elicit: async () => {
      seen()
      return action === 'accept' ? { action, content: { confirm: true } } : { action }
    },
  })
  clients.push(client)
  return client
}

test('approvers are told by a signed message that holds what they need and no address', async () => {
  told.length = 0
  const { command_id } = await ask('web', 'echo tell them')
  await expect.poll(() => told.length).toBe(1)
  const [{ headers, body } = { headers: {}, body: '' }] = told
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = createHmac('sha256', SECRET).update(signed).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${expected}`)
  expect(JSON.parse(body)).toMatchObject({ type: 'approval.requested', command_id, text: 'echo tell them' })
  expect(body).not.toContain(sshd.username)
  await answer('bob', command_id, 'deny')
})

test('the audit names who asked, who approved and what was run', () => {
  const records = home.auditRecords() as unknown as Record<string, unknown>[]
  const started = records.find(({ type, command }) => type === 'call.started' && command === 'echo opened')
  expect(started).toMatchObject({ rule: 'two-people', approval: { by: 'people', who: ['bob', 'carol'] } })
})

/** Writes the configuration and waits until it is in force. */
async function reconfigure(yaml: string): Promise<void> {
  const applied = () => home.auditRecords().filter(({ type }) => type === 'config.reloaded').length
  const before = applied()
  home.configure(yaml)
  await expect.poll(applied).toBe(before + 1)
}
