import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { someUser } from '../../test/kit/people-parts.ts'
import type { UserEvent } from '../domain/user.ts'
import { systemClock } from '../lib/clock.ts'
import { registerInstance } from './instance.ts'
import type { Database } from './sql/database.ts'
import { UserRows } from './user-rows.ts'

const databases = testDatabases()

const alice = someUser('alice', {
  name: 'Alice Example',
  email: 'alice@example.com',
  groups: ['ops'],
  passwordHash: '$argon2id$…',
  passwordAt: new Date('2026-01-02T00:00:00.123Z'),
  totp: { secret: 'ABC', usedStep: 7 },
  setUp: { sha256: 'aa', expiresAt: new Date('2026-01-03T00:00:00Z') },
})

function rowsIn(database: Database, warnings: string[] = []): UserRows {
  const warn = (message: string, fields?: object) => void warnings.push(message + JSON.stringify(fields))
  return new UserRows(database, { warn }, () => registerInstance(database, systemClock))
}

describe.each(ENGINES)('%s', (engine) => {
  test('a user is found as it was saved, and what another instance changes is seen with the next look', async () => {
    const [a, b] = await databases.two(engine)
    const [one, other] = [rowsIn(a), rowsIn(b)]
    expect(await one.list()).toEqual([])
    await one.change(() => ({ saved: alice }))
    expect([await other.list(), await other.find(alice.id)]).toEqual([[alice], alice])
    await other.change(([user = alice]) => ({ saved: { ...user, isDisabled: true } }))
    expect(await one.find(alice.id)).toMatchObject({ isDisabled: true })
    await one.change(() => ({ removed: alice }))
    expect([await other.list(), await other.find(alice.id)]).toEqual([[], undefined])
  })

  test('many that change at once on two instances each see what the one before wrote', async () => {
    const all = (await databases.two(engine)).map((database) => rowsIn(database))
    await all[0]?.change(() => ({ saved: alice }))
    const more = (_: unknown, index: number) =>
      all[index % 2]?.change(([user = alice]) => ({
        saved: { ...user, groups: [...user.groups, `g${user.groups.length}`] },
      }))
    await Promise.all(Array.from({ length: 8 }, more))
    expect((await all[0]?.find(alice.id))?.groups).toHaveLength(9)
  })

  test('a change that throws, or answers nothing, changes nothing', async () => {
    const [a] = await databases.two(engine)
    const rows = rowsIn(a)
    await rows.change(() => ({ saved: alice }))
    const wrong = () => {
      throw new Error('not like this')
    }
    await expect(rows.change(wrong)).rejects.toThrow('not like this')
    await rows.change(() => undefined)
    expect(await rows.list()).toEqual([alice])
  })

  test('a change and its record are both there, or neither is', async () => {
    const [a] = await databases.two(engine)
    const { id, username, groups, scopes } = alice
    const event: UserEvent = {
      type: 'user.added',
      at: new Date(0),
      user: { id, username, groups, scopes },
      by: 'root at the command line',
    }
    const fenced = new UserRows(a, { warn: () => undefined }, async () => ({ id: 'inst_gone' }))
    await expect(fenced.change(() => ({ saved: alice, event }))).rejects.toThrow('fenced off')
    expect([await fenced.list(), await a.all('SELECT line FROM audit')]).toEqual([[], []])
    await rowsIn(a).change(() => ({ saved: alice, event }))
    const [record] = await a.all<{ line: string }>('SELECT line FROM audit')
    expect(JSON.parse(record?.line ?? '')).toMatchObject({
      type: 'user.added',
      subject: id,
      username: 'alice',
      groups: ['ops'],
      by: 'root at the command line',
    })
    expect(record?.line).not.toMatch(/argon2|ABC|sha256/)
  })

  test('a row that is damaged is nobody, with a warning without what it says', async () => {
    const [a] = await databases.two(engine)
    const warnings: string[] = []
    const rows = rowsIn(a, warnings)
    for (const text of ['{', '{"version":1}', 'null', '']) {
      await rows.change(() => ({ saved: alice }))
      await a.run('UPDATE users SET record = $1', text)
      expect([await rows.list(), await rows.find(alice.id)]).toEqual([[], undefined])
    }
    expect(warnings[0]).toContain(alice.id)
    expect(warnings.join(' ')).not.toContain('version')
  })

  test('what is no id of a user is found nowhere, and never written', async () => {
    const [a] = await databases.two(engine)
    for (const id of ['../../etc/passwd', '', 'user_x', "' OR 1=1 --"]) {
      expect(await rowsIn(a).find(id)).toBeUndefined()
      await expect(rowsIn(a).change(() => ({ saved: { ...alice, id } }))).rejects.toThrow(
        'not the id of a user',
      )
    }
  })
})
