import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { type RememberedLog, rememberedLog } from '../../test/kit/ssh-runner.ts'
import { type ChangeRecord, changeIdOf } from '../domain/change.ts'
import { hostName } from '../domain/host.ts'
import { randomId } from '../lib/ids.ts'
import { type ChangeLimits, ChangeRows } from './change-rows.ts'

const HOUR_MS = 3_600_000
const KIB = 1_024
const all = testInstances()

describe.each(ENGINES)('%s', (engine) => {
  let clock: ManualClock
  let log: RememberedLog
  let limits: ChangeLimits
  let here: TestInstance
  let changes: ChangeRows
  let other: ChangeRows

  let there: TestInstance

  beforeAll(async () => {
    const url = await all.newUrl(engine)
    here = await all.join(url)
    there = await all.join(url)
  })

  beforeEach(async () => {
    clock = new ManualClock()
    log = rememberedLog()
    limits = { retentionMs: 24 * HOUR_MS, totalBytes: 1_024 * KIB }
    changes = new ChangeRows(here.database, clock, log, () => limits)
    other = new ChangeRows(there.database, clock, log, () => limits)
    await here.database.run('DELETE FROM changes')
    await here.database.run('DELETE FROM change_content')
  })

  function recordOf(content: string | undefined, more: Partial<ChangeRecord> = {}): ChangeRecord {
    const sha256 = createHash('sha256')
      .update(content ?? '')
      .digest('hex')
    return {
      id: changeIdOf({ id: randomId('call') }),
      owner: 'ann',
      host: hostName('web-server'),
      path: '/etc/motd',
      sudo: false,
      madeBy: 'write_file',
      at: clock.now(),
      before:
        content === undefined
          ? { kind: 'absent' }
          : { kind: 'file', sha256, bytes: content.length, mode: 0o640, uid: 1, gid: 2 },
      after: { kind: 'file', sha256: 'ab'.repeat(32), bytes: 3, mode: 0o644 },
      ...more,
    }
  }

  async function keep(content: string | undefined, more: Partial<ChangeRecord> = {}): Promise<ChangeRecord> {
    const record = recordOf(content, more)
    const kept = await changes.keep(record, content === undefined ? undefined : Buffer.from(content))
    expect(kept).toEqual({ kind: 'kept' })
    return record
  }

  async function rows(): Promise<{ changes: number; pieces: number }> {
    const [row] = await here.database.all<{ changes: number; pieces: number }>(
      'SELECT (SELECT COUNT(*) FROM changes) AS changes, (SELECT COUNT(*) FROM change_content) AS pieces',
    )
    return { changes: Number(row?.changes), pieces: Number(row?.pieces) }
  }

  test('a change that is kept is there for every instance, with the bytes, however many', async () => {
    for (const bytes of ['first\nsecond\0\u{1f44d}', 'x'.repeat(600 * KIB), '']) {
      const record = await keep(bytes)
      expect(await other.find('ann', record.id)).toEqual({ record, content: Buffer.from(bytes) })
    }
    expect(await rows()).toEqual({ changes: 3, pieces: 4 })
  })

  test('one of a file that was not there has no content', async () => {
    const record = await keep(undefined, { undoes: changeIdOf({ id: randomId('call') }) })
    expect(await changes.find('ann', record.id)).toEqual({ record })
  })

  test('is found by its owner alone, and listed for its owner alone, latest first', async () => {
    const first = await keep('1')
    await clock.advance(1_000)
    const second = await keep('2')
    await clock.advance(1_000)
    await keep('3', { owner: 'ben' })
    expect(await changes.find('ben', first.id)).toBeUndefined()
    expect(await other.list('ann')).toEqual([second, first])
    expect(await other.list('eve')).toEqual([])
  })

  test('that was not made after all is gone', async () => {
    const record = await keep('x')
    await changes.drop(record)
    expect(await changes.find('ann', record.id)).toBeUndefined()
    expect(await rows()).toEqual({ changes: 0, pieces: 0 })
  })

  test.each([
    ['what was there', "UPDATE change_content SET bytes = CAST('!' AS {bytes})"],
    ['its end', 'DELETE FROM change_content'],
    ['its record', "UPDATE changes SET record = '{' || record"],
    ['its owner', "UPDATE changes SET record = replace(record, 'ann', 'eve')"],
  ])('that was damaged in %s is not given, but dropped with a warning', async (_, damage) => {
    const record = await keep('the old content')
    await here.database.run(damage.replace('{bytes}', engine === 'sqlite' ? 'BLOB' : 'BYTEA'))
    expect(await changes.find('ann', record.id)).toBeUndefined()
    expect(log.lines.join()).toContain('damaged')
    expect(await rows()).toEqual({ changes: 0, pieces: 0 })
  })

  describe('what is kept is bounded', () => {
    test('in time: what is older is not found and goes', async () => {
      const old = await keep('old')
      await clock.advance(24 * HOUR_MS - 1)
      expect(await changes.find('ann', old.id)).toBeDefined()
      await clock.advance(1)
      expect(await changes.find('ann', old.id)).toBeUndefined()
      expect(await changes.list('ann')).toEqual([])
      await other.sweep()
      expect(await rows()).toEqual({ changes: 0, pieces: 0 })
    })

    test('in bytes: the oldest go first', async () => {
      limits = { ...limits, totalBytes: 40 * KIB }
      const records = []
      for (let index = 0; index < 6; index += 1) {
        await clock.advance(1_000)
        records.push(await keep('x'.repeat(9 * KIB)))
      }
      expect(await other.list('ann')).toEqual(records.slice(2).reverse())
      expect(await rows()).toEqual({ changes: 4, pieces: 4 })
    })

    test('in number, by what a small one takes at least', async () => {
      limits = { ...limits, totalBytes: 40 * KIB }
      for (let index = 0; index < 15; index += 1) await keep('x')
      expect((await rows()).changes).toBe(10)
    })

    test('for each: whoever keeps most makes room, not who has little', async () => {
      limits = { ...limits, totalBytes: 40 * KIB }
      const bens = await keep('x', { owner: 'ben' })
      for (let index = 0; index < 20; index += 1) {
        await clock.advance(1_000)
        await keep('x'.repeat(5 * KIB))
      }
      expect(await changes.find('ben', bens.id)).toBeDefined()
      expect(await changes.list('ann')).toHaveLength(6)
    })

    test('one that is longer than all that may be kept is not, and pushes nothing out', async () => {
      const record = await keep('x')
      const long = Buffer.alloc(2_000 * KIB, 'y')
      const kept = await changes.keep(recordOf(long.toString()), long)
      expect(kept).toEqual({ kind: 'not_kept', because: 'too_large' })
      expect(await changes.find('ann', record.id)).toBeDefined()
    })

    test('a retention of nothing keeps nothing, also of what was kept before', async () => {
      const record = await keep('x')
      limits = { ...limits, retentionMs: 0 }
      expect(await changes.keep(recordOf('y'), Buffer.from('y'))).toEqual({
        kind: 'not_kept',
        because: 'off',
      })
      expect(await changes.find('ann', record.id)).toBeUndefined()
      expect(await changes.list('ann')).toEqual([])
      await changes.sweep()
      expect((await rows()).changes).toBe(0)
    })

    test('also when many are kept at the same time, by several instances', async () => {
      limits = { ...limits, totalBytes: 40 * KIB }
      const content = Buffer.alloc(9 * KIB, 'x')
      const kept = Array.from({ length: 30 }, (_, index) =>
        (index % 2 ? changes : other).keep(recordOf(content.toString()), content),
      )
      await Promise.all(kept)
      expect(await rows()).toEqual({ changes: 4, pieces: 4 })
    })
  })

  test('a database that takes nothing is told by a rejection, nothing half written stays, and it goes on by itself', async () => {
    await here.database.run('ALTER TABLE change_content RENAME TO elsewhere')
    await expect(changes.keep(recordOf('x'), Buffer.from('x'))).rejects.toThrow()
    await here.database.run('ALTER TABLE elsewhere RENAME TO change_content')
    expect(await rows()).toEqual({ changes: 0, pieces: 0 })
    const record = await keep('y')
    expect(await changes.list('ann')).toEqual([record])
  })
})
