import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { lockOn } from '../../test/kit/lock-parts.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { withRoom } from '../../test/kit/room.ts'
import { hostName } from '../domain/host.ts'
import type { Lock } from '../domain/lock.ts'
import { systemClock } from '../lib/clock.ts'
import { LockRows } from './lock-rows.ts'

const databases = testDatabases()

const add = (rows: LockRows, ...locks: readonly Lock[]) =>
  rows.change((known) => ({ ...known, locks: [...known.locks, ...locks] }))

const locks = [
  lockOn({ kind: 'person', email: 'user@example.com' }),
  lockOn({ kind: 'person', issuer: 'https://idp.example.com/', subject: 'u1' }),
  lockOn({ kind: 'client', client: 'chat' }),
  lockOn({ kind: 'api_key', name: 'ci' }),
  lockOn({ kind: 'host', host: hostName('web') }, { expiresAt: new Date('2026-01-02T00:00:00Z') }),
  lockOn({ kind: 'all' }, { reason: 'two\nlines "quoted" \u00e9' }),
]
const whole = JSON.stringify({ version: 1, locks, unrecorded: [] })
const [one] = locks
const DAMAGE = [
  ['nothing', ''],
  ['half of it', whole.slice(0, whole.length / 2)],
  ['another version', whole.replace('"version":1', '"version":2')],
  ['a kind that is not known', whole.replace('"kind":"all"', '"kind":"everything"')],
  ['a lock with a member too many', whole.replace('"kind":"all"', '"kind":"all","host":"web"')],
  [
    'a lock without its reason',
    JSON.stringify({ version: 1, locks: [{ ...one, reason: undefined }], unrecorded: [] }),
  ],
  ['a date that is none', whole.replace('2026-01-02T00:00:00.000Z', 'tomorrow')],
  ['an id that is none', whole.replace(/lock_[^"]*/, 'lock_1')],
  ['a list', '[]'],
] as const

describe.each(ENGINES)('%s', (engine) => {
  async function two() {
    const url = await databases.newUrl(engine)
    const [a, b] = [await databases.open(url), await databases.open(url)]
    return {
      a,
      b,
      here: await LockRows.open(a, systemClock),
      there: await LockRows.open(b, systemClock),
    }
  }

  test('at first nothing is locked; locks of every kind are read by another instance as they were written', async () => {
    const { here, there } = await two()
    expect(there.read()).toEqual({ kind: 'known', locks: [], unrecorded: [] })
    await add(here, ...locks)
    const taken = { by: 'a', until: new Date('2026-01-02T00:00:00Z') }
    const unrecorded = [{ what: 'removed', lock: lockOn({ kind: 'all' }), by: 'root', taken } as const]
    await here.change((known) => ({ ...known, unrecorded }))
    expect(here.read()).toEqual({ kind: 'known', locks, unrecorded })
    await there.look()
    expect(there.read()).toEqual({ kind: 'known', locks, unrecorded })
  })

  test('nothing is lost when two instances change many at once', async () => {
    const { here, there } = await two()
    const many = Array.from({ length: 40 }, () => lockOn({ kind: 'client', client: 'one' }))
    await Promise.all(many.map((lock, index) => add(index % 2 ? here : there, lock)))
    await here.look()
    const state = here.read()
    const ids = state.kind === 'known' ? state.locks.map(({ id }) => id) : []
    expect(ids.toSorted()).toEqual(many.map(({ id }) => id).toSorted())
  })

  test('what is not whole is damage: nobody can tell what is locked, nothing is written over it, and it can be lifted', async () => {
    const { a, here, there } = await two()
    for (const [what, text] of DAMAGE) {
      await a.run('UPDATE locks SET version = version + 1, known = $1', text)
      await here.look()
      expect([what, here.read()]).toEqual([
        what,
        { kind: 'damaged', why: expect.stringContaining('not what') },
      ])
      await expect(add(there, lockOn({ kind: 'all' }))).rejects.toThrow('nothing was changed')
      expect(await a.all('SELECT known FROM locks')).toEqual([{ known: text }])
    }
    await there.reset()
    await here.look()
    expect(here.read()).toMatchObject({ kind: 'known', locks: [] })
  })

  test('they are known however much waits to be written, and a change of them goes before it', async () => {
    const { a: database } = await two()
    const clock = new ManualClock()
    const rows = await LockRows.open(database, clock)
    const end = new AbortController()
    rows.follow(() => undefined, end.signal)
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let written = 0
    const slow = () =>
      database.transaction(async (sql) => {
        await sql.run("UPDATE instances SET version = 'x' WHERE id = 'none'")
        await held
        written += 1
      })
    const queue = Array.from({ length: 300 }, slow)
    for (let seconds = 0; seconds < 10; seconds += 1) {
      await clock.advance(1_000)
      await rows.look()
      expect(rows.read().kind).toBe('known')
    }
    const changed = add(rows, lockOn({ kind: 'all' })).then(() => written)
    // PostgreSQL has several who write at the same time, SQLite one.
    if (engine === 'postgres') expect(await changed).toBe(0)
    letGo()
    // Those that were under way may end before it.
    expect(await changed).toBeLessThan(100)
    await Promise.all(queue)
    expect(rows.read()).toMatchObject({ kind: 'known', locks: [{ on: { kind: 'all' } }] })
    end.abort()
  })

  test('a change of another instance is told well within a second, and each once', async () => {
    const { here, there } = await two()
    const end = new AbortController()
    const told: number[] = []
    here.follow(() => told.push(performance.now()), end.signal)
    // The first time a connection that listens is made.
    await expect.poll(() => add(there, lockOn({ kind: 'all' })).then(() => told.length)).toBeGreaterThan(0)
    await systemClock.sleep(300)
    const before = told.length
    const sinceMs = performance.now()
    await add(there, lockOn({ kind: 'client', client: 'two' }))
    await expect.poll(() => told.length, { interval: 2 }).toBe(before + 1)
    const tookMs = (told.at(-1) ?? 0) - sinceMs
    console.log(`${engine}: a lock of another instance is in force after ${tookMs.toFixed(1)} ms`)
    expect(tookMs).toBeLessThan(withRoom(1_000))
    end.abort()
  })
})

test('what could not be read for five seconds is known to nobody, and known again by itself', async () => {
  const real = await databases.open(await databases.newUrl('sqlite'))
  const clock = new ManualClock()
  let isAway = false
  const flaky = new Proxy(real, {
    get(target, name) {
      if (name === 'first' && isAway) return { all: () => Promise.reject(new Error('away')) }
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const rows = await LockRows.open(flaky, clock)
  const end = new AbortController()
  const told: string[] = []
  rows.follow(() => told.push(rows.read().kind), end.signal)
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 1) {
      await clock.advance(1_000)
      await rows.look()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await pass(10)
  expect([rows.read().kind, told]).toEqual(['known', []])
  isAway = true
  await pass(5)
  expect(rows.read().kind).toBe('known')
  await pass(1)
  expect(rows.read()).toEqual({ kind: 'damaged', why: expect.stringMatching(/not be read for 6 s \(away\)/) })
  expect(told).toEqual(['damaged'])
  isAway = false
  await pass(2)
  expect([rows.read().kind, told]).toEqual(['known', ['damaged', 'known']])
  end.abort()
})
