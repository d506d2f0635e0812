import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { GENESIS } from '../evidence/chain.ts'
import { systemClock } from '../lib/clock.ts'
import { type AppendRows, appendRowsTo, FencedOff } from './audit-append.ts'
import { AuditStore } from './audit-store.ts'
import { registerInstance } from './instance.ts'

const databases = testDatabases()

async function instanceOn(url: string) {
  const database = await databases.open(url)
  const { id } = await registerInstance(database, systemClock)
  return { database, id, audit: new AuditStore(appendRowsTo(database, { id }), systemClock) }
}

const event = (problems: number): AuditEvent => ({
  type: 'config.reloaded',
  at: new Date('2026-01-02T03:04:05.678Z'),
  applied: true,
  problems,
})

describe.each(ENGINES)('the audit in %s', (engine) => {
  test('is one chain, whichever of several instances writes: each line begins with the digest of the one before', async () => {
    const url = await databases.newUrl(engine)
    const [one, other] = [await instanceOn(url), await instanceOn(url)]
    const all = Array.from({ length: 60 }, (_, index) => (index % 2 ? one : other).audit.append(event(index)))
    await Promise.all(all)
    const rows = await one.database.all<{ seq: number; hash: string; line: string }>(
      'SELECT seq, hash, line FROM audit ORDER BY seq',
    )
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1))
    let prev = GENESIS
    for (const { seq, hash, line } of rows) {
      expect(line.startsWith(`{"_chain":{"prev":"${prev}","seq":${seq}},"applied":true,"at":"2026-`)).toBe(
        true,
      )
      expect(createHash('sha256').update(line).digest('hex')).toBe(hash)
      prev = hash
    }
    const problems = rows.map(({ line }) => JSON.parse(line).problems)
    expect(problems.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index))
  })

  test('takes nothing of an instance that was declared dead', async () => {
    const { database, id, audit } = await instanceOn(await databases.newUrl(engine))
    await audit.append(event(1))
    await database.run('UPDATE instances SET ended_at = 1 WHERE id = $1', id)
    await expect(audit.append(event(2))).rejects.toThrow(FencedOff)
    expect(audit.problem()).toContain('fenced off')
    expect(await database.all('SELECT seq FROM audit')).toHaveLength(1)
  })
})

test('events of the same turn share a write; while one fails nothing is taken, and the first thing after it says so', async () => {
  const writes: string[][] = []
  let isFull = false
  const append: AppendRows = async (rows) => {
    if (isFull) throw Object.assign(new Error("disk full '/some/path'"), { code: 'SQLITE_FULL' })
    writes.push(rows.map(({ type }) => type))
    return 0
  }
  const clock = new ManualClock()
  const audit = new AuditStore(append, clock)
  await Promise.all([audit.append(event(1)), audit.append(event(2), event(3))])
  expect(writes).toEqual([['config.reloaded', 'config.reloaded', 'config.reloaded']])
  isFull = true
  await expect(audit.append(event(4))).rejects.toThrow('disk full')
  expect(audit.problem()).toMatch(/^audit log: SQLITE_FULL/)
  expect(audit.problem()).not.toContain('/some')
  await expect(audit.append(event(5))).rejects.toThrow()
  isFull = false
  await expect.poll(() => clock.sleeping).toBe(1)
  await clock.advance(1_000)
  await expect.poll(() => audit.problem()).toBeUndefined()
  await audit.append(event(6))
  expect(writes.slice(1)).toEqual([['audit.resumed'], ['config.reloaded']])
  await audit.close()
  await expect(audit.append(event(7))).rejects.toThrow('closed')
})
