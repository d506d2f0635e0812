import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { endsOfCalls, expectChain } from '../kit/audit-chain.ts'
import { type Balancer, startBalancer } from '../kit/balancer.ts'
import {
  type AuditedRecord,
  type Cluster,
  keyOf,
  keysYaml,
  type Member,
  startCluster,
} from '../kit/cluster.ts'
import { freePort } from '../kit/free-port.ts'
import { startPostgres } from '../kit/postgres.ts'
import { hostYaml } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What is done to one of the instances while the others work. */
const FAULTS = {
  kill: async (member: Member) => {
    await member.kill()
    await wait(Math.random() * 2_000)
    await member.start()
  },
  /** Longer than its lease: the others give it up, and it wakes. */
  pause: async (member: Member) => {
    member.signal('SIGSTOP')
    await wait(7_500)
    member.signal('SIGCONT')
  },
  nap: async (member: Member) => {
    member.signal('SIGSTOP')
    await wait(Math.random() * 3_000)
    member.signal('SIGCONT')
  },
  cut: async (member: Member) => {
    for (let left = 5; left > 0; left -= 1) {
      member.wire.cut()
      await wait(Math.random() * 300)
    }
  },
  freeze: async (member: Member) => {
    member.wire.freeze()
    await wait(1_000 + Math.random() * 3_000)
    member.wire.thaw()
    member.wire.cut()
  },
} as const
export type Fault = keyof typeof FAULTS

export interface History {
  readonly calls: number
  readonly acknowledged: number
  readonly unknown: number
  readonly resumed: number
  readonly fenced: number
  readonly lost: number
}

interface Asked {
  readonly token: string
  /** The caller was told that it ran and ended well. */
  isAcknowledged: boolean
}

/**
 * Three products on one PostgreSQL, behind an nginx without stickiness, while one fault after the other is done to one of them. Each call
 * appends a token of its own to a file on the host; what became of all of them is checked against the file and the audit.
 */
export async function survivesFaults(
  cluster: Cluster,
  sshd: Sshd,
  {
    calls,
    clients,
    faults,
  }: { readonly calls: number; readonly clients: number; readonly faults: readonly Fault[] },
): Promise<History> {
  const { members, publicPort } = cluster
  const balancer = await startBalancer(
    publicPort,
    members.map(({ port }) => port),
  )
  const counter = join(sshd.directory, 'counter')
  writeFileSync(counter, '')
  const all: Asked[] = []
  let isOver = false
  const trouble = async () => {
    for (let turn = 0; !isOver || turn < faults.length; turn += 1) {
      await wait(300 + Math.random() * 700)
      const fault = faults[turn % faults.length] as Fault
      await FAULTS[fault](members[turn % members.length] as Member)
    }
  }
  try {
    const work = Array.from({ length: clients }, (_, index) =>
      askAll(balancer, index, counter, calls / clients, all),
    )
    const faulty = trouble()
    await Promise.all(work)
    isOver = true
    await faulty
    await isCalm(cluster)
    await isLockedSoon(cluster)
    return check(await cluster.audit(), readFileSync(counter, 'utf8').split('\n').slice(0, -1), all)
  } finally {
    isOver = true
    await balancer.stop()
  }
}

/** Three products on one PostgreSQL and one host, for `alice`, `bob` and `mallory`. The last function ends them. */
export async function startParts(): Promise<readonly [Cluster, Sshd, () => Promise<void>]> {
  const port = await freePort()
  const [postgres, sshd] = await Promise.all([
    startPostgres(),
    startSshd({ config: ['MaxSessions 100', 'MaxStartups 100:30:200'] }),
  ])
  const yaml = `server:\n  public_url: http://127.0.0.1:${port}\n${keysYaml(['alice', 'bob', 'mallory'])}limits: {calls_per_minute: 100000}\nhosts:\n${hostYaml('web-server', sshd)}`
  const cluster = await startCluster(postgres, 3, yaml, port)
  const stop = async () => {
    await cluster.stop()
    await postgres.stop()
    await sshd.stop()
  }
  return [cluster, sshd, stop]
}

/** One client: every third call may not be repeated; the others are, with the same key, until somebody says what became of them. */
async function askAll(
  balancer: Balancer,
  client: number,
  counter: string,
  count: number,
  all: Asked[],
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const token = `token-${client}-${index}`
    const asked: Asked = { token, isAcknowledged: false }
    all.push(asked)
    const kind = index % 3
    const body = {
      host: 'web-server',
      command: `echo ${token} >>${counter}${kind === 1 ? '; sleep 0.3' : ''}; echo done`,
      wait_seconds: 30,
      ...(kind > 0 && { idempotency_key: token }),
      ...(kind === 1 && { detached: true }),
    }
    for (let tries = kind === 0 ? 1 : 40; tries > 0; tries -= 1) {
      const answer = await execute(balancer.url, body)
      if (answer?.success === true) asked.isAcknowledged = true
      if (answer?.state === 'completed' || answer?.state === 'unknown') break
      await wait(300)
    }
  }
}

/** Undefined when nobody can say what became of it. */
async function execute(
  url: string,
  body: unknown,
  who = 'alice',
): Promise<{ success?: boolean; state?: string } | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keyOf(who)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    const answer = (await response.json()) as { success?: boolean; state?: string }
    return response.ok ? answer : undefined
  } catch {
    return undefined
  }
}

/** Everybody is well, and whatever was begun has ended and is on record. */
async function isCalm(cluster: Cluster): Promise<void> {
  for (const member of cluster.members)
    await expect
      .poll(async () => (await fetch(`${member.url}/ready`).catch(() => undefined))?.status, {
        timeout: 30_000,
      })
      .toBe(200)
  await expect
    .poll(() => cluster.query('SELECT call, instance FROM open_calls'), { timeout: 30_000 })
    .toEqual([])
}

/** A lock that is made at one instance is in force at each of them within five seconds. */
async function isLockedSoon({ members }: Cluster): Promise<void> {
  const hello = { host: 'web-server', command: 'echo hello' }
  for (const member of members)
    expect(await execute(member.url, hello, 'mallory')).toMatchObject({ success: true })
  const [first] = members as [Member]
  const made = await fetch(`${first.url}/api/v1/locks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keyOf('alice')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ on: { kind: 'api_key', name: 'mallory' }, reason: 'a test' }),
  })
  expect(made.status).toBeLessThan(300)
  for (const member of members)
    await expect.poll(() => execute(member.url, hello, 'mallory'), { timeout: 5_000 }).toBeUndefined()
}

function check(
  records: readonly AuditedRecord[],
  counted: readonly string[],
  all: readonly Asked[],
): History {
  expectChain(records.map(({ line }) => line))
  const ends = endsOfCalls(records.map(({ line }) => line))

  // Nothing ran twice, and what was acknowledged ran.
  expect(counted.filter((token, index) => counted.indexOf(token) !== index)).toEqual([])
  const ran = new Set(counted)
  const acknowledged = all.filter(({ isAcknowledged }) => isAcknowledged)
  expect(acknowledged.filter(({ token }) => !ran.has(token))).toEqual([])

  // What was acknowledged is on record as completed; what ran was announced before.
  const tokenOf = ({ command = '' }: AuditedRecord) => /^echo (token-\S+)/.exec(command)?.[1] ?? ''
  const withStatus = (wanted: (record: AuditedRecord) => boolean) =>
    new Set(records.filter(wanted).map(tokenOf))
  const completed = withStatus(
    ({ type, result }) => type === 'call.finished' && result?.status === 'completed',
  )
  const started = withStatus(({ type }) => type === 'call.started')
  expect(acknowledged.filter(({ token }) => !completed.has(token))).toEqual([])
  expect(counted.filter((token) => !started.has(token))).toEqual([])

  // One owner at a time: who ends a call is who began it or took it up last, unless nobody could.
  const owners = new Map<string, string>()
  for (const { type, call = '', instance, result } of records) {
    if (type === 'call.started' || type === 'call.resumed') owners.set(call, instance)
    const isOwners = result?.status === 'unknown' || owners.get(call) === instance || !owners.has(call)
    if (type === 'call.finished') expect(isOwners, `${call} was ended by ${instance}`).toBe(true)
  }
  const count = (wanted: string) => records.filter(({ type }) => type === wanted).length
  return {
    calls: all.length,
    acknowledged: acknowledged.length,
    unknown: [...ends.values()].filter((status) => status === 'unknown').length,
    resumed: count('call.resumed'),
    fenced: count('instance.fenced'),
    lost: count('instance.lost'),
  }
}
