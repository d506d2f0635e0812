import { describe, expect, test } from 'vitest'
import { ENGINES, type Engine } from '../../test/kit/databases.ts'
import { testInstances } from '../../test/kit/instances.ts'
import type { OwnUse } from '../domain/budget.ts'
import { hostName } from '../domain/host.ts'
import { forgetSharedBudgets, SharedBudgetRows } from './shared-budget-rows.ts'

const instances = testInstances()
const HOUR = 3_600_000
const KEY = 'team\n["https://idp.example.com/","u1"]'
const [web, db] = [hostName('web'), hostName('db')]

async function two(engine: Engine) {
  const url = await instances.newUrl(engine)
  const [a, b] = [await instances.join(url), await instances.join(url)]
  return {
    url,
    a,
    b,
    one: new SharedBudgetRows(a.database, a.me),
    other: new SharedBudgetRows(b.database, b.me),
  }
}

const use = (more: Partial<OwnUse>): OwnUse => ({
  calls: new Map(),
  hosts: new Map(),
  commands: new Map(),
  ...more,
})
const calls = (costMs: number, agoMs = 0) => use({ calls: new Map([[KEY, { costMs, agoMs }]]) })
const commands = (count: number) => use({ commands: count === 0 ? new Map() : new Map([[KEY, count]]) })

describe.each(ENGINES)('%s', (engine) => {
  test('calls of two instances take their time one after the other, from when the first of them was made', async () => {
    const { one, other } = await two(engine)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? one : other).tell(calls(2_000_000.5))),
    )
    const inMs = async () => (await one.look(HOUR)).calls.get(KEY) ?? 0
    expect(await inMs()).toBeGreaterThan(19_000_000)
    expect(await inMs()).toBeLessThanOrEqual(20_000_005)
    // Those of before are still being made up for: how long ago it was does not matter.
    await other.tell(calls(1_000_000, 60_000_000))
    expect(await inMs()).toBeGreaterThan(20_000_005)
  })

  test('calls whose time is over say nothing, and make those that come later no cheaper', async () => {
    const { a, one, other } = await two(engine)
    await one.tell(calls(1_000, HOUR))
    expect((await other.look(HOUR)).calls).toEqual(new Map())
    await other.tell(calls(HOUR))
    expect((await one.look(HOUR)).calls.get(KEY)).toBeGreaterThan(HOUR / 2)
    await one.tell(use({ calls: new Map([['another', { costMs: 1, agoMs: 2 * HOUR }]]) }))
    await forgetSharedBudgets(a.database)
    expect(await a.database.all('SELECT key FROM budget_calls')).toEqual([{ key: KEY }])
  })

  test('a host is used when it was used last, by whichever instance, and is told for as long as is asked', async () => {
    const { a, one, other } = await two(engine)
    const hosts = (...used: [typeof web, number][]) => use({ hosts: new Map([[KEY, new Map(used)]]) })
    await one.tell(hosts([web, 60_000_000], [db, 1_000_000]))
    await other.tell(hosts([web, 500_000]))
    await one.tell(hosts([web, 70_000_000]))
    const seen = (await other.look(HOUR)).hosts.get(KEY)
    expect([...(seen ?? [])].map(([host, ms]) => [host, Math.floor(ms / 100_000)]).sort()).toEqual([
      ['db', 10],
      ['web', 5],
    ])
    await a.database.run('UPDATE budget_hosts SET told_at = told_at - 1800000 WHERE host = $1', db)
    expect([...((await other.look(HOUR / 4)).hosts.get(KEY)?.keys() ?? [])]).toEqual([web])
    await a.database.run('UPDATE budget_hosts SET told_at = told_at - 2000000 WHERE host = $1', db)
    await forgetSharedBudgets(a.database)
    expect([...((await other.look(2 * HOUR)).hosts.get(KEY)?.keys() ?? [])]).toEqual([web])
  })

  test('commands are those that each other instance runs now, and of one that is lost they count no more', async () => {
    const { url, a, b, one, other } = await two(engine)
    const running = async (rows: SharedBudgetRows) => (await rows.look(HOUR)).commands.get(KEY)
    await one.tell(commands(2))
    await other.tell(commands(3))
    expect([await running(one), await running(other)]).toEqual([3, 2])
    await one.tell(commands(1))
    await other.tell(commands(0))
    expect([await running(one), await running(other)]).toEqual([undefined, 1])
    await other.tell(commands(5))
    const third = await instances.join(url)
    const all = new SharedBudgetRows(third.database, third.me)
    expect(await running(all)).toBe(6)
    await b.die()
    expect([await running(one), await running(all)]).toEqual([undefined, 1])
    await forgetSharedBudgets(a.database)
    expect(await a.database.all('SELECT instance FROM budget_commands')).toEqual([{ instance: a.me.id }])
  })

  test('an instance that comes back under another name tells its commands again', async () => {
    const { url, a, other } = await two(engine)
    const me = { id: a.me.id }
    const one = new SharedBudgetRows(a.database, me)
    await one.tell(commands(1))
    await a.die()
    expect((await other.look(HOUR)).commands).toEqual(new Map())
    const back = await instances.join(url)
    me.id = back.me.id
    await one.tell(commands(1))
    expect((await other.look(HOUR)).commands.get(KEY)).toBe(1)
  })
})
