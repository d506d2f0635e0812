import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { SealedBox } from './sealed-box.ts'
import { SealedRows } from './sealed-rows.ts'
import { secretInFile, secretOfPhrase } from './sealing-secret.ts'
import type { Database } from './sql/database.ts'

const databases = testDatabases()
let directory: string
let nowMs: number
let lines: string[]
const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, sleep: () => Promise.resolve() }

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sealed-'))
  nowMs = 1_000_000
  lines = []
})
afterEach(() => rmSync(directory, { recursive: true }))

function rowsIn(database: Database, secret: Uint8Array = Buffer.alloc(32, 1)): SealedRows {
  const write = (message: string) => void lines.push(message)
  const log: Log = { debug: write, info: write, warn: write, error: write }
  return new SealedRows(database, new SealedBox(secret), clock, log)
}

async function boxOf(database: Database, kind: string): Promise<Buffer> {
  const [row] = await database.all<{ box: Buffer }>('SELECT box FROM sealed WHERE kind = $1', kind)
  if (row === undefined) throw new Error(`no ${kind}`)
  return row.box
}

describe.each(ENGINES)('%s', (engine) => {
  test('what was saved is found again, by another instance too, until it is removed, once', async () => {
    const [a, b] = await databases.two(engine)
    const [one, other] = [rowsIn(a), rowsIn(b)]
    await one.save('grant', 'g1', { scope: 'mcp:execute' })
    await one.save('grant', 'g2', 'old')
    await other.save('grant', 'g2', 'other')
    expect(await other.find('grant', 'g1')).toEqual({ scope: 'mcp:execute' })
    expect([await one.find('grant', 'g2'), await one.find('session', 'g1')]).toEqual(['other', undefined])
    expect((await other.list('grant')).map(({ id }) => id).sort()).toEqual(['g1', 'g2'])
    expect(await other.count('grant')).toBe(2)
    const removed = await Promise.all([one, other, one, other].map((rows) => rows.remove('grant', 'g1')))
    expect(removed.filter(Boolean)).toHaveLength(1)
    expect(await one.find('grant', 'g1')).toBeUndefined()
    expect(lines).toEqual([])
  })

  test('of several that add the same at once, one is told that it did, until that has expired', async () => {
    const [a, b] = await databases.two(engine)
    const all = [rowsIn(a), rowsIn(b)]
    const add = (value: number) =>
      Promise.all(all.map((rows) => rows.add('code', 'c', value, new Date(nowMs + 10))))
    expect((await add(1)).filter(Boolean)).toHaveLength(1)
    expect((await add(2)).filter(Boolean)).toHaveLength(0)
    nowMs += 10
    expect((await add(3)).filter(Boolean)).toHaveLength(1)
    expect(await rowsIn(a).find('code', 'c')).toBe(3)
  })

  test('nothing of an entry can be read in the database, neither its id nor what it says', async () => {
    const [a] = await databases.two(engine)
    await rowsIn(a).save('refresh_token', 'a-token-that-is-a-right', { accountId: 'alice' })
    const [row] = await a.all<{ name: string; box: Buffer }>('SELECT * FROM sealed')
    expect(`${JSON.stringify(row)} ${row?.box.toString('latin1')}`).not.toMatch(/a-token|alice|accountId/)
    expect(row?.box.length).toBeGreaterThan(28)
  })

  test('a row with a changed bit, of another key or cut short is as good as none, and is told once', async () => {
    const [a] = await databases.two(engine)
    const state = rowsIn(a)
    await state.save('client', 'c', { name: 'x' })
    const whole = await boxOf(a, 'client')
    for (let at = 0; at < whole.length; at += 7) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 1
      await a.run('UPDATE sealed SET box = $1', changed)
      expect(await state.find('client', 'c')).toBeUndefined()
    }
    await a.run('UPDATE sealed SET box = $1', whole.subarray(0, 5))
    expect(await state.list('client')).toEqual([])
    expect(lines).toEqual(['An entry of the login cannot be opened and counts as not there.'])
    await a.run('UPDATE sealed SET box = $1', whole)
    expect(await state.find('client', 'c')).toEqual({ name: 'x' })
    const otherKey = rowsIn(a, Buffer.alloc(32, 2))
    expect([await otherKey.find('client', 'c'), await otherKey.list('client')]).toEqual([undefined, []])
  })

  test('a row in the place of another does not stand for it, nor does it last longer than it was to', async () => {
    const [a] = await databases.two(engine)
    const state = rowsIn(a)
    await state.save('grant', 'mine', { accountId: 'alice' }, new Date(nowMs + 10))
    await state.save('session', 'theirs', { accountId: 'bob' }, new Date(nowMs + 10))
    await a.run("UPDATE sealed SET box = $1 WHERE kind = 'session'", await boxOf(a, 'grant'))
    expect([await state.find('session', 'theirs'), await state.list('session')]).toEqual([undefined, []])
    expect(await state.find('grant', 'mine')).toEqual({ accountId: 'alice' })
    await a.run('UPDATE sealed SET expires_at = 0')
    expect(await state.find('grant', 'mine')).toBeUndefined()
  })

  test('what has expired is not there, and is swept away', async () => {
    const [a] = await databases.two(engine)
    const state = rowsIn(a)
    await state.save('session', 's', 1, new Date(nowMs + 10))
    await state.save('session', 'kept', 2)
    expect(await state.find('session', 's')).toBe(1)
    nowMs += 10
    expect(await state.find('session', 's')).toBeUndefined()
    expect(await state.list('session')).toMatchObject([{ id: 'kept' }])
    expect(await state.count('session')).toBe(2)
    await state.sweep()
    expect(await state.count('session')).toBe(1)
  })

  test('of too many, those that were written longest ago go', async () => {
    const [a] = await databases.two(engine)
    const state = rowsIn(a)
    for (const id of ['1', '2', '3', '4']) {
      await state.save('interaction', id, id)
      nowMs += 1
    }
    await state.save('other', '0', 'kept')
    await state.trim('interaction', 4)
    expect(await state.count('interaction')).toBe(4)
    await state.trim('interaction', 2)
    expect((await state.list('interaction')).map(({ id }) => id).sort()).toEqual(['3', '4'])
    expect(await state.count('other')).toBe(1)
  })
})

test('the key file is made once, for its user alone, and one that others may read is refused', () => {
  const path = join(directory, 'deep', 'key')
  const secret = secretInFile(path)
  expect(secret).toHaveLength(32)
  expect(secretInFile(path)).toEqual(secret)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  writeFileSync(path, 'short')
  expect(() => secretInFile(path)).toThrow('is not a key that the bridge wrote')
  rmSync(path)
  writeFileSync(path, secret.toString('base64url'), { mode: 0o644 })
  expect(() => secretInFile(path)).toThrow(`Run: chmod 600 ${path}`)
})

test('a phrase is the same secret each time, and another for another phrase', () => {
  expect(secretOfPhrase('a'.repeat(32))).toEqual(secretOfPhrase('a'.repeat(32)))
  expect(secretOfPhrase('a'.repeat(32))).not.toEqual(secretOfPhrase('b'.repeat(32)))
})
