import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { addSeen, forgetSeen, lastSeen, listSeen, PIECE_MS, type Sighting } from './seen-rows.ts'

const databases = testDatabases()
const NOW = 1_000 * PIECE_MS
const HOUR = NOW / PIECE_MS

const key = (subject: string, issuer = 'https://idp.example.com/') => JSON.stringify([issuer, subject])
const saw = (subject: string, atMs: number, more: Partial<Sighting> = {}): Sighting => ({
  person: key(subject),
  client: '',
  door: 'rest',
  method: 'oauth',
  atMs,
  ...more,
})
const hour = (subject: string, piece: number, calls: number, refused = 0) => ({
  person: key(subject),
  piece,
  calls,
  refused,
})

describe.each(ENGINES)('%s', (engine) => {
  test('what several instances saw of somebody is one person, by the newest of it', async () => {
    const [a, b] = await databases.two(engine)
    await addSeen(
      a,
      [saw('u1', NOW, { client: 'c1', name: 'Alma', email: 'alma@example.com' })],
      [hour('u1', HOUR, 2, 1)],
    )
    await addSeen(b, [saw('u1', NOW - 5)], [hour('u1', HOUR, 3)])
    await addSeen(b, [saw('u1', NOW - 9_000, { client: 'c1' })], [])
    const { people, total } = await listSeen(a, { text: '', nowMs: NOW, most: 10 })
    expect(total).toBe(1)
    expect(people).toEqual([
      {
        person: key('u1'),
        method: 'oauth',
        name: 'Alma',
        email: 'alma@example.com',
        firstAt: new Date(NOW - 5),
        lastAt: new Date(NOW),
        ways: [
          { client: 'c1', door: 'rest', lastAt: new Date(NOW) },
          { client: '', door: 'rest', lastAt: new Date(NOW - 5) },
        ],
        day: { calls: 5, refused: 1 },
        week: { calls: 5, refused: 1 },
      },
    ])
  })

  test('a day is 24 hours and a week 7 days; what is older is not counted, and forgotten', async () => {
    const [a] = await databases.two(engine)
    const hours = [0, 23, 24, 167, 168].map((ago, index) => hour('u1', HOUR - ago, 10 ** index))
    await addSeen(a, [saw('u1', NOW), saw('u2', NOW - 401 * 86_400_000)], hours)
    const look = async () =>
      (await listSeen(a, { text: '', nowMs: NOW, most: 10 })).people.map(({ day, week }) => [
        day.calls,
        week.calls,
      ])
    expect(await look()).toEqual([
      [11, 1_111],
      [0, 0],
    ])
    await forgetSeen(a, NOW + PIECE_MS)
    expect(await look()).toEqual([[11, 1_111]])
    const [left] = await a.all<{ hours: number }>('SELECT COUNT(*) AS hours FROM seen_calls')
    expect(Number(left?.hours)).toBe(4)
  })

  test('people are found by what stands in their names, in any case, and patterns are text', async () => {
    const [a] = await databases.two(engine)
    await addSeen(a, [saw('u1', NOW, { email: 'Alma@Example.com' }), saw('100%', NOW - 1)], [])
    const find = async (text: string) =>
      (await listSeen(a, { text, nowMs: NOW, most: 1 })).people.map(({ person }) => person)
    expect(await find('ALMA@')).toEqual([key('u1')])
    expect(await find('0%')).toEqual([key('100%')])
    expect(await find('_1')).toEqual([])
    expect(await listSeen(a, { text: '', nowMs: NOW, most: 1 })).toMatchObject({ total: 2 })
  })

  test('it tells when people of one issuer came last, and when they signed in', async () => {
    const [a] = await databases.two(engine)
    const other = { person: key('u1', 'https://idp.example.com/x') }
    await addSeen(a, [saw('u1', NOW), saw('u1', NOW - 7, { door: 'sign_in' }), saw('u1', NOW + 9, other)], [])
    expect(await lastSeen(a, 'https://idp.example.com/')).toEqual(new Map([['u1', new Date(NOW)]]))
    expect(await lastSeen(a, 'https://idp.example.com/', 'sign_in')).toEqual(
      new Map([['u1', new Date(NOW - 7)]]),
    )
  })
})
