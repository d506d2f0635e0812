import { afterEach, describe, expect, test } from 'vitest'
import { callId } from '../../test/kit/command-parts.ts'
import { ENGINES, type Engine } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { Config } from '../config/config.ts'
import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import type { BudgetBook } from '../pipeline/budgets/budget-book.ts'
import type { Budget } from '../policy/budget.ts'
import { openBudgets } from './budgets.ts'

const instances = testInstances()
const MINUTE = 60_000
const READS: Decision = { verdict: 'allow', rule: 'x', classes: ['read'] }

const alice: Principal = {
  issuer: 'https://idp.example.com/',
  subject: 'alice',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: 'all',
}
const bob: Principal = { ...alice, subject: 'bob' }

interface Bridge {
  readonly book: BudgetBook
  readonly clock: ManualClock
  readonly instance: TestInstance
}

/** Each by a clock of its own, of another time of day. */
async function begun(url: string, budget: Partial<Budget>): Promise<Bridge> {
  const [instance, clock] = [await instances.join(url), new ManualClock()]
  const budgets: Budget[] = [{ name: 'all', per: 'person', ...budget }]
  const { database, me } = instance
  const config = () => ({ budgets, people: [] }) as unknown as Config
  return { book: await openBudgets({ config, database, me, clock, log: rememberedLog() }), clock, instance }
}

async function two(engine: Engine, budget: Partial<Budget>): Promise<[Bridge, Bridge]> {
  const url = await instances.newUrl(engine)
  const both: [Bridge, Bridge] = [await begun(url, budget), await begun(url, budget)]
  await both[1].clock.advance(90 * MINUTE)
  return both
}

/** What each does once a second. */
async function shared(...bridges: Bridge[]): Promise<void> {
  for (const { book } of bridges) await book.close()
  for (const { book } of bridges) await book.load()
}

function runs(host: string, principal = alice): Call {
  const action = { kind: 'run', host: hostName(host), command: 'uptime', timeoutMs: 1, waitMs: 1 } as const
  return { id: callId(), principal, action, edge: 'rest', receivedAt: new Date(0) }
}

/** Asks and, when it may, begins. */
function ask({ book }: Bridge, call: Call): string | number {
  const refused = book.refuses(call, READS)
  if (refused === undefined) book.spend(call, READS)
  return refused?.code === 'rate_limited' ? refused.retryAfterMs : (refused?.code ?? 'goes')
}

afterEach(() => instances.closeAll())

const limits: [string, Partial<Budget>][] = [
  ['calls a minute', { callsPerMinute: 4 }],
  ['commands at the same time', { concurrentCommands: 4 }],
  ['distinct hosts an hour', { distinctHostsPerHour: 4 }],
]

describe.each(ENGINES)('on %s', (engine) => {
  test.each(limits)('a budget of %s is one for both instances', async (_, budget) => {
    const [one, other] = await two(engine, budget)
    const begin = (bridge: Bridge, index: number, who = alice) => ask(bridge, runs(`web-${index}`, who))
    expect([begin(one, 1), begin(one, 2), begin(other, 3)]).toEqual(['goes', 'goes', 'goes'])
    await shared(one, other)
    // What is under it goes, wherever; what is over it goes nowhere, and somebody else has her own.
    expect(begin(other, 4)).toBe('goes')
    expect(begin(other, 5)).not.toBe('goes')
    await shared(one, other)
    expect(begin(one, 5)).not.toBe('goes')
    expect(begin(other, 5)).not.toBe('goes')
    expect([begin(one, 1, bob), begin(other, 2, bob)]).toEqual(['goes', 'goes'])
  })

  test('calls that both took at once are made up for before one more goes', async () => {
    const [one, other] = await two(engine, { callsPerMinute: 2 })
    for (const bridge of [one, other])
      expect([ask(bridge, runs('web')), ask(bridge, runs('web'))]).toEqual(['goes', 'goes'])
    await shared(one, other)
    for (const bridge of [one, other]) {
      const waitMs = Number(ask(bridge, runs('web')))
      expect(waitMs).toBeGreaterThan(MINUTE)
      expect(waitMs).toBeLessThanOrEqual(1.5 * MINUTE + 1)
      await bridge.clock.advance(waitMs)
      expect(ask(bridge, runs('web'))).toBe('goes')
    }
  })

  test('a command that ends at one instance makes room at the other, and who waits there is told', async () => {
    const [one, other] = await two(engine, { concurrentCommands: 1 })
    const running = runs('web')
    ask(one, running)
    await shared(one, other)
    expect(other.book.hasTurn(alice)).toBe(false)
    const turn = other.book.turn(alice, new AbortController().signal)
    one.book.hasEnded(running)
    await shared(one, other)
    const giveBack = await turn
    giveBack()
    expect(ask(other, runs('web'))).toBe('goes')
  })

  test('what an instance runs that is lost holds no place any more', async () => {
    const [one, other] = await two(engine, { concurrentCommands: 1 })
    ask(one, runs('web'))
    await shared(one, other)
    expect(ask(other, runs('web'))).not.toBe('goes')
    await one.instance.die()
    await shared(other)
    expect(ask(other, runs('web'))).toBe('goes')
  })

  test('a host that was used at one instance may be used at the other, and counts from its last use', async () => {
    const [one, other] = await two(engine, { distinctHostsPerHour: 1 })
    ask(one, runs('web'))
    await one.clock.advance(20 * MINUTE)
    await shared(one, other)
    const waitMs = Number(ask(other, runs('db')))
    expect(waitMs).toBeGreaterThan(39 * MINUTE)
    expect(waitMs).toBeLessThanOrEqual(40 * MINUTE)
    expect(ask(other, runs('web'))).toBe('goes')
  })

  test.each([limits[0], limits[2]] as typeof limits)(
    'of %s an instance that begins knows what was used before it',
    async (_, budget) => {
      const url = await instances.newUrl(engine)
      const before = await begun(url, budget)
      for (let index = 0; index < 4; index += 1) expect(ask(before, runs(`web-${index}`))).toBe('goes')
      await before.book.close()
      await before.instance.die()
      expect(ask(await begun(url, budget), runs('web-5'))).not.toBe('goes')
    },
  )

  test('each tells and looks once a second by itself', async () => {
    const [one, other] = await two(engine, { concurrentCommands: 1 })
    const ended = new AbortController()
    for (const { book } of [one, other]) void book.follow(ended.signal)
    ask(one, runs('web'))
    await expect
      .poll(async () => {
        for (const { clock } of [one, other]) await clock.advance(1_000)
        return other.book.hasTurn(alice)
      })
      .toBe(false)
    ended.abort()
  })
})

test('while the store is away what was known counts on, and what was used meanwhile is told afterwards, once', async () => {
  const [one, other] = await two('sqlite', { callsPerMinute: 2 })
  ask(one, runs('web'))
  const { database } = one.instance
  const working = database.transaction.bind(database)
  database.transaction = () => Promise.reject(new Error('away'))
  await one.book.close()
  expect(ask(one, runs('web'))).toBe('goes')
  expect(ask(one, runs('web'))).not.toBe('goes')
  await other.book.load()
  expect(ask(other, runs('web'))).toBe('goes')
  database.transaction = working
  await shared(one, other)
  const waitMs = Number(ask(other, runs('web')))
  expect(waitMs).toBeGreaterThan(MINUTE / 2)
  expect(waitMs).toBeLessThanOrEqual(MINUTE + 1)
})
