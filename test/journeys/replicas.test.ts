import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, keyOf, type Member } from '../kit/cluster.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { runCli } from '../kit/run-cli.ts'
import type { Sshd } from '../kit/sshd.ts'
import { startParts, survivesFaults } from './replicas.ts'

/** So that no other run's processes are taken for ours. */
const RUN = randomUUID().slice(0, 8)

let sshd: Sshd
let cluster: Cluster
let stop: () => Promise<void> = async () => undefined

beforeAll(async () => {
  ;[cluster, sshd, stop] = await startParts()
})

afterAll(() => stop())

async function post(member: Member, path: string, body: unknown, who = 'alice') {
  const response = await fetch(`${member.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keyOf(who)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const execute = (member: Member, command: string, more = {}) =>
  post(member, 'execute', { host: 'web-server', command, ...more })

async function output(member: Member, id: unknown, more = {}, who = 'alice') {
  const query = new URLSearchParams({ command_id: String(id), ...more })
  const response = await fetch(`${member.url}/api/v1/commands/output?${query}`, as(who))
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const as = (who: string) => ({ headers: { authorization: `Bearer ${keyOf(who)}` } })

/** The instances that `member` knows. */
async function readied(member: Member): Promise<unknown[]> {
  const ready = (await (await fetch(`${member.url}/ready`, as('alice'))).json()) as {
    detail?: { instances: unknown[] }
  }
  return ready.detail?.instances ?? []
}

/** One request of the 2025 revisions, as a client sends it that holds `session`. */
async function legacy(member: Member, who: string, session: string | undefined, method: string, params = {}) {
  const response = await fetch(`${member.url}/mcp`, {
    method: method === 'DELETE' ? 'DELETE' : 'POST',
    headers: {
      authorization: `Bearer ${keyOf(who)}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(session && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-06-18' }),
    },
    ...(method !== 'DELETE' && {
      body: JSON.stringify({ jsonrpc: '2.0', id: randomUUID(), method, params }),
    }),
  })
  const text = await response.text()
  return { status: response.status, session: response.headers.get('mcp-session-id') ?? undefined, text }
}

const endsOf = async (command: string) =>
  (await cluster.audit()).filter((record) => record.type === 'call.finished' && record.command === command)

test('whatever lives in one instance is reached through each: commands, repeats by a key, secrets', async () => {
  const [one, two, three] = cluster.members as [Member, Member, Member]
  // Each looks once a second who else is there.
  await expect.poll(async () => (await readied(three)).length).toBe(3)
  const slow = (
    await execute(one, `echo begun; sleep 300 # slow ${RUN}`, { detached: true, wait_seconds: 1 })
  ).body
  expect(slow).toMatchObject({ state: 'running' })
  const read = await output(two, slow.command_id, { wait_seconds: '5' })
  expect(read.body).toMatchObject({ state: 'running', output: expect.stringContaining('begun') })
  const stats = (await (await fetch(`${two.url}/api/v1/stats`, as('alice'))).json()) as {
    commands: unknown[]
  }
  expect(stats.commands).toContainEqual(
    expect.objectContaining({ command_id: slow.command_id, state: 'running' }),
  )
  // Another's is answered like one that never was.
  expect((await output(two, slow.command_id, {}, 'bob')).status).toBe(404)
  const cancelled = await post(three, 'commands/cancel', { command_id: slow.command_id })
  expect(cancelled.body).toMatchObject({ cancelled: true })
  await expect.poll(() => processesWith(`slow ${RUN}`)).toEqual([])

  // An answer that nobody keeps is in the memory of the instance that gave it.
  const short = (await execute(one, 'seq 3')).body
  expect((await output(two, short.command_id)).body).toMatchObject({
    output: '1\n2\n3\n',
  })

  const counter = join(sshd.directory, 'counted')
  const keyed = (member: Member) =>
    execute(member, `echo ran >>${counter}; sleep 1`, { idempotency_key: `key ${RUN}` })
  const answers = await Promise.all([
    keyed(one),
    wait(300).then(() => keyed(two)),
    wait(400).then(() => keyed(three)),
  ])
  for (const { body } of answers)
    expect(body).toMatchObject({ success: true, command_id: answers[0].body.command_id })
  expect(readFileSync(counter, 'utf8')).toBe('ran\n')

  const printed = (await execute(one, 'echo password=kestrel-hovers-2931')).body
  const [handle] = /secret:[0-9a-f]{16}/.exec(String(printed.output)) ?? []
  const lent = { secrets: { env: { FOUND: handle } } }
  expect((await execute(three, 'printf %s "$FOUND" | wc -c', lent)).body).toMatchObject({ output: '19\n' })
  expect(
    (await post(three, 'execute', { host: 'web-server', command: 'true', ...lent }, 'bob')).body,
  ).toMatchObject({
    error: { code: 'secret_not_found' },
  })
})

test('the command line names them all, and says when they do not work with the same rules', async () => {
  const [one] = cluster.members as [Member]
  const ids = async () => {
    const { out, code } = await runCli('instances', '--config', one.configPath, '--json')
    expect(code).toBe(0)
    return (JSON.parse(out) as { instances: { id: string; process: number }[] }).instances
  }
  const pids = cluster.members.map((member) => member.product().process.pid)
  expect((await ids()).map(({ process }) => process).sort()).toEqual(pids.sort())
  expect((await runCli('instances', '--config', one.configPath)).err).toBe('')
  one.configure((yaml) => yaml.replace('name: web-server', 'name: other-server'))
  await expect
    .poll(async () => (await runCli('instances', '--config', one.configPath)).err)
    .toContain('different rules or hosts')
  one.configure((yaml) => yaml)
  await expect.poll(async () => (await runCli('instances', '--config', one.configPath)).err).toBe('')
})

test('a session of the 2025 revisions goes on at any instance, for its own client alone, until it is ended at any', async () => {
  const [one, two, three] = cluster.members as [Member, Member, Member]
  const { session } = await legacy(one, 'alice', undefined, 'initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'journey', version: '1' },
  })
  const hello = { name: 'execute_command', arguments: { host: 'web-server', command: 'echo hello' } }
  const call = (member: Member, who: string) => legacy(member, who, session, 'tools/call', hello)
  // Two at once at an instance that does not know it.
  const both = await Promise.all([call(two, 'alice'), call(two, 'alice')])
  for (const answer of both)
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
  expect(await call(three, 'bob')).toMatchObject({ status: 404 })
  expect(await call(three, 'alice')).toMatchObject({ status: 200 })
  expect((await legacy(three, 'alice', session, 'DELETE')).status).toBe(200)
  for (const member of cluster.members)
    await expect.poll(async () => (await call(member, 'alice')).status).toBe(404)
})

test('what an instance did that is killed or paused ends as unknown within ten seconds, and one that wakes is another one', async () => {
  const [killed, paused, third] = cluster.members as [Member, Member, Member]
  const sleep = (what: string) => `sleep 300 # ${what} ${RUN}`
  const lost = execute(killed, sleep('killed')).catch(() => undefined)
  const late = execute(paused, sleep('paused')).catch(() => undefined)
  const isStarted = async (what: string) =>
    (await cluster.audit()).some(({ type, command }) => type === 'call.started' && command === sleep(what))
  for (const what of ['killed', 'paused']) await expect.poll(() => isStarted(what)).toBe(true)
  await killed.kill()
  paused.signal('SIGSTOP')
  const since = Date.now()
  for (const what of ['killed', 'paused'])
    await expect
      .poll(() => endsOf(sleep(what)))
      .toMatchObject([{ result: { status: 'unknown', detail: expect.stringContaining('was lost') } }])
  expect(Date.now() - since).toBeLessThan(10_000)
  expect((await execute(third, 'echo here')).body).toMatchObject({ output: 'here\n' })
  await lost

  paused.signal('SIGCONT')
  // Its caller is told the truth: it was run, and nobody may say how it ended.
  expect(await late).toMatchObject({ status: 503, body: { error: { code: 'audit_unavailable' } } })
  await expect
    .poll(async () => (await execute(paused, 'echo again')).body)
    .toMatchObject({ output: 'again\n' })
  // What nobody follows any more was ended on its host.
  await expect.poll(() => processesWith(sleep('paused'))).toEqual([])
  expect(await endsOf(sleep('paused'))).toHaveLength(1)
  const records = await cluster.audit()
  const losses = records.filter(({ type }) => type === 'instance.lost')
  expect(losses).toHaveLength(2)
  expect(records.filter(({ type }) => type === 'instance.fenced')).toMatchObject([
    { refused: expect.any(Number) },
  ])
  await killed.start()
})

test('whatever is done to one of them, nothing runs twice, nothing acknowledged is lost, and every call has one end', async () => {
  const history = await survivesFaults(cluster, sshd, {
    calls: 36,
    clients: 3,
    faults: ['cut', 'kill', 'nap'],
  })
  expect(history).toMatchObject({ calls: 36 })
  expect(history.acknowledged).toBeGreaterThan(18)
})
