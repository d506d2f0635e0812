import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import { GENESIS } from '../evidence/chain.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { appendRowsTo, FencedOff } from './audit-append.ts'
import { AuditStore } from './audit-store.ts'
import { forgetInstances } from './instance.ts'
import { declareLost, LEASE_MS } from './lease.ts'
import { Membership } from './membership.ts'
import { finishOpenCalls } from './open-calls.ts'
import type { Database } from './sql/database.ts'

const databases = testDatabases()

async function instanceOn(url: string) {
  const database = await databases.open(url)
  const about = () => ({ version: '1', config: 'abc' })
  const membership = await Membership.join(database, systemClock, about)
  const redact = (text: string) => text
  const audit = new AuditStore(appendRowsTo(database, membership), systemClock, redact, () =>
    membership.isSure(),
  )
  return { database, membership, audit }
}

function callOf(kind: 'read' | 'run'): Call {
  const host = hostName('web-server')
  const principal = {
    issuer: 'https://idp.example.com/',
    subject: 'user-1',
    method: 'oauth',
    email: 'user@example.com',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const action =
    kind === 'run'
      ? ({ kind: 'run', host, command: 'uptime', timeoutMs: 1, waitMs: 1 } as const)
      : ({ kind: 'describe_host', host, refresh: true } as const)
  return { id: randomId('call'), principal, action, edge: 'rest', receivedAt: new Date() }
}

const at = new Date()
const started = (call: Call) => ({ type: 'call.started', at, call, rule: 'all' }) as const
const finished = (call: Call) =>
  ({ type: 'call.finished', at, call, rule: 'all', result: { status: 'completed' } }) as const
const silence = (database: Database, id: string) =>
  database.run(
    'UPDATE instances SET seen_at = seen_at - $1 WHERE id = $2',
    LEASE_MS[database.engine] + 1_000,
    id,
  )
const linesOf = async (database: Database) =>
  (await database.all<{ line: string }>('SELECT line FROM audit ORDER BY seq')).map(({ line }) => line)

describe.each(ENGINES)('instances on one %s', (engine) => {
  test('one that says that it lives is never lost, one that is silent is, and only once', async () => {
    const url = await databases.newUrl(engine)
    const [one, two, three] = [await instanceOn(url), await instanceOn(url), await instanceOn(url)]
    await silence(one.database, one.membership.id)
    await silence(one.database, two.membership.id)
    expect(await two.membership.renew()).toBe(true)
    const seen = await Promise.all([
      declareLost(two.database, two.membership, at),
      declareLost(three.database, three.membership, at),
    ])
    expect(seen.flat()).toMatchObject([{ id: one.membership.id }])
    expect(seen.flat()[0]?.silentMs).toBeGreaterThan(LEASE_MS[engine])
    expect((await linesOf(one.database)).map((line) => JSON.parse(line))).toMatchObject([
      { type: 'instance.lost', instance: one.membership.id },
    ])
    expect(await one.membership.renew()).toBe(false)
    expect(one.membership.problem()).toContain('given up')
    expect(await two.membership.renew()).toBe(true)
  })

  test('one that ended long ago is forgotten, and what it had started still ends; one that lives is not', async () => {
    const url = await databases.newUrl(engine)
    const [one, two] = [await instanceOn(url), await instanceOn(url)]
    await one.audit.append(started(callOf('run')))
    await one.membership.close()
    await forgetInstances(two.database, Date.now() - 60_000)
    const ids = async () =>
      (await two.database.all<{ id: string }>('SELECT id FROM instances')).map(({ id }) => id)
    expect(await ids()).toContain(one.membership.id)
    await forgetInstances(two.database, Date.now() + 60_000)
    expect(await ids()).toEqual([two.membership.id])
    await expect(one.audit.append(started(callOf('run')))).rejects.toThrow(FencedOff)
    expect(await finishOpenCalls(two.database, two.membership, at, () => 'it was lost')).toBe(1)
  })

  test('one that was lost itself declares nobody lost', async () => {
    const url = await databases.newUrl(engine)
    const [one, two, three] = [await instanceOn(url), await instanceOn(url), await instanceOn(url)]
    await silence(one.database, one.membership.id)
    await declareLost(two.database, two.membership, at)
    await silence(three.database, three.membership.id)
    await expect(declareLost(one.database, one.membership, at)).rejects.toThrow(FencedOff)
    expect(await three.membership.renew()).toBe(true)
  })

  test('what a lost one had started has one end on record, with who and what it was, however many look at once', async () => {
    const url = await databases.newUrl(engine)
    const [one, two, three] = [await instanceOn(url), await instanceOn(url), await instanceOn(url)]
    const calls = [callOf('run'), callOf('read'), callOf('read')] as const
    for (const call of calls) await one.audit.append(started(call))
    await one.audit.append(finished(calls[2]))
    const mine = callOf('read')
    await two.audit.append(started(mine))
    const look = async () => {
      const me = [two, three].map((each) =>
        finishOpenCalls(each.database, each.membership, at, (instance) => `${instance} was lost`),
      )
      return (await Promise.all(me)).reduce((sum, count) => sum + count)
    }
    expect(await look()).toBe(0)
    await silence(one.database, one.membership.id)
    await declareLost(two.database, two.membership, at)
    // Another one writes all the while, by what it took for the end of the chain.
    const [found] = await Promise.all([look(), three.audit.append(started(callOf('read')))])
    expect(found).toBe(2)
    expect(await look()).toBe(0)

    const lines = await linesOf(two.database)
    const ends = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'call.finished')
    expect(ends.map(({ call, result }) => [call, result.status])).toEqual([
      [calls[2].id, 'completed'],
      [calls[0].id, 'unknown'],
      [calls[1].id, 'unknown'],
    ])
    expect(ends[1]).toMatchObject({
      principal: { email: 'user@example.com' },
      command: 'uptime',
      rule: 'all',
      result: { detail: `${one.membership.id} was lost` },
    })
    let prev = GENESIS
    for (const line of lines) {
      expect(line).toContain(`"prev":"${prev}"`)
      prev = createHash('sha256').update(line).digest('hex')
    }
  })

  test('one that comes back is another one: what it had started it never ends, what it starts then it does', async () => {
    const url = await databases.newUrl(engine)
    const [one, two] = [await instanceOn(url), await instanceOn(url)]
    const [before, after] = [callOf('run'), callOf('run')]
    await one.audit.append(started(before))
    await silence(one.database, one.membership.id)
    await declareLost(two.database, two.membership, at)
    await expect(one.audit.append(finished(before))).rejects.toThrow(FencedOff)
    expect(one.audit.isFenced).toBe(true)
    const was = one.membership.id
    await one.membership.rejoin()
    const fenced = (refused: number) =>
      ({ type: 'instance.fenced', at, instance: was, now: one.membership.id, refused, awayMs: 1 }) as const
    await one.audit.rejoin(fenced)
    expect(one.audit.problem()).toBeUndefined()
    await expect(one.audit.append(finished(before))).rejects.toThrow(FencedOff)
    await one.audit.append(started(after))
    await one.audit.append(finished(after))
    const records = (await linesOf(two.database)).map((line) => JSON.parse(line))
    expect(records.map(({ type, call }) => [type, call])).toEqual([
      ['call.started', before.id],
      ['instance.lost', undefined],
      ['instance.fenced', undefined],
      ['call.started', after.id],
      ['call.finished', after.id],
    ])
    expect(records[2]).toMatchObject({ instance: was, refused: 1 })
  })
})

test('nothing is begun by an instance that does not know whether the others still count on it', async () => {
  let isSure = true
  const rows: string[] = []
  const audit = new AuditStore(
    async (added) => rows.push(...added.map(({ type }) => type)),
    systemClock,
    undefined,
    () => isSure,
  )
  const [one, two] = [callOf('run'), callOf('run')]
  await audit.append(started(one))
  isSure = false
  await expect(audit.append(started(two))).rejects.toThrow('other instances')
  await audit.append(finished(one))
  expect(rows).toEqual(['call.started', 'call.finished'])
  expect(audit.problem()).toBeUndefined()
})
