import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WireFanOut } from '../../src/pipeline/wire-fan-out.ts'
import { sha256 } from '../kit/api-keys.ts'
import { callsWithoutCrossTalk } from '../kit/cross-talk.ts'
import { isOn, type ManyHosts, startManyHosts } from '../kit/many-hosts.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'

const EVERYTHING = 'everything-key-0123456789'
const EXECUTE = 'execute-key-0123456789ab'
const NOTHING = 'nothing-key-0123456789ab'

let fleet: ManyHosts
let home: Home
let product: Product
let client: Client

beforeAll(async () => {
  fleet = await startManyHosts(200)
  home = await makeHome()
  const key = (name: string, text: string, scopes: string) =>
    `    - {name: ${name}, sha256: ${sha256(text)}, scopes: [${scopes}]}`
  home.configure(`
server:
  api_keys:
${key('everything', EVERYTHING, '"mcp:execute", "mcp:admin"')}
${key('execute', EXECUTE, '"mcp:execute"')}
${key('nothing', NOTHING, '"files:read"')}
limits: {calls_per_minute: 10000}
fan_out: {max_parallel: 100}
hosts:
${fleet.yaml()}${hostYaml('gone', fleet.sshd, { host: '127.0.2.1', tags: '[all, broken]' })}${hostYaml('vault', fleet.sshd, { required_scopes: '[mcp:admin]', tags: '[all, secret]' })}`)
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, EXECUTE)
})

afterAll(async () => {
  await client?.close()
  await product?.stop()
  await fleet?.stop()
  await home?.remove()
})

describe('one command on 200 hosts', () => {
  test('in one call: one differs, one fails, one cannot be reached, and the others are one group', async () => {
    const [odd = '', failing = ''] = [fleet.addresses[6], fleet.addresses[41]]
    const command = `if ${isOn(odd)}; then echo odd; elif ${isOn(failing)}; then echo broken >&2; exit 3; else echo fine; fi`
    const { result, text } = await onHosts({ hosts: ['tag:all'], command })
    expect(result).toMatchObject({
      success: false,
      selected: 201,
      counts: { succeeded: 199, failed: 1, unreachable: 1, denied: 0, unknown: 0, skipped: 0 },
    })
    expect(
      result.groups.map(({ hosts, outcome, exit_status, output }) => [
        hosts.join(),
        outcome,
        exit_status,
        output,
      ]),
    ).toEqual([
      ['n042', 'exited', 3, 'broken\n'],
      ['gone', 'unreachable', null, ''],
      ['n[001-006,008-041,043-200]', 'exited', 0, 'fine\n'],
      ['n007', 'exited', 0, 'odd\n'],
    ])
    expect(text).toMatch(
      /^199 of 201 hosts succeeded, 1 failed, 1 unreachable; 4 different results, in \d+ ms\.\nn042: exit 3\n/,
    )
    expect(text).toContain('gone: NOT RUN (host_unreachable): gone ')
  })

  test("each host's output can be read by its own handle", async () => {
    const command = 'set -- $SSH_CONNECTION; echo here is $3'
    const { result } = await onHosts({ hosts: ['n00[1-3]'], command })
    expect(result.groups).toHaveLength(3)
    for (const [index, group] of result.groups.entries()) {
      const [command_id] = group.command_ids
      const page = await client.callTool({ name: 'get_command_output', arguments: { command_id } })
      expect(page.structuredContent).toMatchObject({ output: `here is ${fleet.addresses[index]}\n` })
    }
  })

  test('outputs longer than an answer are compared whole: a difference in the middle makes two groups', async () => {
    const filler = "head -c 700000 /dev/zero | tr '\\0' x"
    const command = `${filler}; if ${isOn(fleet.addresses[1] ?? '')}; then echo 1; else echo 2; fi; ${filler}`
    const { result } = await onHosts({ hosts: ['n00[1-3]'], command })
    expect(
      result.groups.map(({ hosts, output_bytes, truncated }) => [hosts, output_bytes, truncated]),
    ).toEqual([
      [['n[001,003]'], 1_400_002, true],
      [['n002'], 1_400_002, true],
    ])
    expect(result.groups[0]?.output).toBe(result.groups[1]?.output)
  })

  test('the patterns of an answer can be asked for again', async () => {
    const { result } = await onHosts({ hosts: ['tag:even', '!n*[5-9]?'], command: 'true' })
    const [first] = result.groups
    const again = await onHosts({ hosts: first?.hosts, command: 'true' })
    expect(again.result.selected).toBe(result.selected)
    expect(result.selected).toBeGreaterThan(10)
  })

  test('is on record as one call and one for each host, with the person and the parent', async () => {
    const command = 'echo on record'
    await onHosts({ hosts: ['n00[1-4]'], command })
    const records = home.auditRecords().filter((record) => record.command === command)
    const parent = records.find(({ host }) => host === undefined)
    const finished = records.filter(({ type, host }) => type === 'call.finished' && host !== undefined)
    expect(finished.map(({ host }) => host).sort()).toEqual(['n001', 'n002', 'n003', 'n004'])
    for (const record of finished)
      expect(record).toMatchObject({
        principal: { subject: 'execute' },
        parent: parent?.call,
        result: { exit_status: 0 },
      })
  })

  test('tells over progress how far it has come, and which hosts failed', async () => {
    const said: { progress: number; total?: number | undefined; message?: string | undefined }[] = []
    const failing = fleet.addresses[10] ?? ''
    await onHosts(
      { hosts: ['n0*'], command: `sleep 0.2; ! ${isOn(failing)}`, max_parallel: 10 },
      { onprogress: (progress) => void said.push(progress) },
    )
    expect(said.length).toBeGreaterThan(1)
    expect(said.at(-1)).toMatchObject({ total: 99 })
    expect(said.map(({ message }) => message).join('\n')).toMatch(/\/99 done, 1 failed\n(.*\n)*n011: exit 1/)
  })

  test('over REST answers the same', async () => {
    const body = { hosts: ['n00[1-2]', 'nowhere'], command: 'echo rest' }
    const response = await fetch(`${product.url}/api/v1/run-on-hosts`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${EXECUTE}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      counts: { succeeded: 2, denied: 1 },
      groups: [
        { hosts: ['nowhere'], outcome: 'denied', code: 'host_not_found' },
        { hosts: ['n[001-002]'], output: 'rest\n' },
      ],
    })
  })
})

describe('stopping', () => {
  test('a canary that fails keeps the command from all others', async () => {
    const mark = `canary-${process.pid}`
    const command = `echo ${mark}; ! ${isOn(fleet.addresses[1] ?? '')}`
    const { result, text } = await onHosts({ hosts: ['n*'], command, canary: 3 })
    expect(result).toMatchObject({
      stopped_because: 'canary_failed',
      counts: { succeeded: 2, failed: 1, skipped: 197 },
      skipped: ['n[004-200]'],
    })
    expect(text).toContain('Nothing was run on n[004-200] (197 hosts), because a canary did not succeed.')
    const ran = home
      .auditRecords()
      .filter(({ type, command: text }) => type === 'call.started' && text === command)
    expect(ran.filter(({ host }) => host !== undefined)).toHaveLength(3)
  })

  test('after so many failures nothing more is begun', async () => {
    const { result } = await onHosts({
      hosts: ['n*'],
      command: 'exit 1',
      max_parallel: 5,
      stop_after_failures: 8,
    })
    expect(result.stopped_because).toBe('failures')
    expect(result.counts.failed).toBeGreaterThanOrEqual(8)
    expect(result.counts.failed).toBeLessThan(8 + 5)
    expect(result.counts.failed + result.counts.skipped).toBe(200)
  })

  test('the deadline of all stops what runs and begins no more', async () => {
    const { result } = await onHosts({
      hosts: ['n00?'],
      command: 'sleep 60',
      max_parallel: 4,
      deadline_seconds: 1,
    })
    expect(result).toMatchObject({ counts: { failed: 4, skipped: 5 }, stopped_because: 'deadline' })
    expect(result.groups).toMatchObject([
      { outcome: 'timed_out', reason: 'stopped at the deadline of the call; its processes are gone' },
    ])
  })

  test('a client that cancels leaves no process on any host, and every end is on record', async () => {
    const mark = `sleep 314.${process.pid}`
    const controller = new AbortController()
    const asked = onHosts({ hosts: ['n01?', 'n02?'], command: mark }, { signal: controller.signal }).catch(
      () => 'gone',
    )
    await expect.poll(() => processesWith(mark).length).toBeGreaterThanOrEqual(20)
    controller.abort('enough')
    expect(await asked).toBe('gone')
    await expect.poll(() => processesWith(mark)).toEqual([])
    const ends = () =>
      home.auditRecords().filter(({ type, command }) => type === 'call.finished' && command === mark)
    await expect.poll(() => ends().length).toBe(21)
    const children = ends().filter(({ host }) => host !== undefined)
    expect(new Set(children.map(({ result }) => result?.status))).toEqual(new Set(['cancelled']))
  })
})

describe('what a caller may not use', () => {
  test('is passed over by patterns, and refused by name with what would help', async () => {
    const all = await onHosts({ hosts: ['tag:all', '!gone', '!n*'], command: 'true' }).catch(
      (error: Error) => error,
    )
    expect(String(all)).toContain('leaves no host')
    const { result } = await onHosts({ hosts: ['vault', 'nowhere', 'n001'], command: 'echo in' })
    expect(result.groups.map(({ hosts, outcome, code }) => [hosts.join(), outcome, code])).toEqual([
      ['nowhere', 'denied', 'host_not_found'],
      ['vault', 'denied', 'insufficient_scope'],
      ['n001', 'exited', undefined],
    ])
    const admin = await connectHttp(`${product.url}/mcp`, EVERYTHING)
    const allowed = await onHosts({ hosts: ['tag:secret', 'n001'], command: 'echo in' }, {}, admin)
    expect(allowed.result).toMatchObject({ success: true, selected: 2 })
    await admin.close()
  })

  test('a caller without mcp:execute is told so, whatever hosts are asked for', async () => {
    for (const host of ['n001', 'nowhere']) {
      const response = await fetch(`${product.url}/api/v1/run-on-hosts`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${NOTHING}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ hosts: [host], command: 'true' }),
      })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ error: { code: 'insufficient_scope' } })
    }
  })

  test('a tag that no host bears is told, and nothing is run', async () => {
    await expect(onHosts({ hosts: ['n001', 'tag:prdo'], command: 'echo typo' })).rejects.toThrow('"tag:prdo"')
    const ran = home
      .auditRecords()
      .filter(({ command, host }) => command === 'echo typo' && host !== undefined)
    expect(ran).toEqual([])
  })
})

describe('many callers', () => {
  test('100 commands at the same time on 200 hosts: every output goes to its own call', async () => {
    await callsWithoutCrossTalk((at, command) => run(client, fleet.names[at] ?? '', command), fleet, 100)
  })
})

async function onHosts(
  args: Record<string, unknown>,
  options: Parameters<Client['callTool']>[1] = {},
  by = client,
): Promise<{ result: WireFanOut; text: string }> {
  const answer = await by.callTool({ name: 'run_on_hosts', arguments: args }, { timeout: 60_000, ...options })
  const [content] = answer.content
  const text = content?.type === 'text' ? content.text : ''
  if (answer.isError) throw new Error(text)
  return { result: answer.structuredContent as unknown as WireFanOut, text }
}
