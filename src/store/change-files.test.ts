import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { type RememberedLog, rememberedLog } from '../../test/kit/ssh-runner.ts'
import { type ChangeRecord, changeIdOf } from '../domain/change.ts'
import { hostName } from '../domain/host.ts'
import { randomId } from '../lib/ids.ts'
import { ChangeFiles, type ChangeLimits } from './change-files.ts'

const HOUR_MS = 3_600_000
const KIB = 1_024

let directory: string
let clock: ManualClock
let log: RememberedLog
let limits: ChangeLimits
let files: ChangeFiles

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'changes-')), 'changes')
  clock = new ManualClock()
  log = rememberedLog()
  limits = { retentionMs: 24 * HOUR_MS, totalBytes: 1_024 * KIB }
  files = open()
})

afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

/** As a bridge that starts: it knows nothing but what is on the disk. */
function open(): ChangeFiles {
  return new ChangeFiles(directory, clock, log, () => limits)
}

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
  const kept = await files.keep(record, content === undefined ? undefined : Buffer.from(content))
  expect(kept).toEqual({ kind: 'kept' })
  return record
}

const onDisk = () => readdirSync(directory).sort()

describe('a change that is kept', () => {
  test('is there after a restart, with the bytes, readable by the bridge alone', async () => {
    const bytes = 'first\nsecond\0\u{1f44d}'
    const record = await keep(bytes)
    const found = await open().find('ann', record.id)
    expect(found).toEqual({ record: { ...record, before: expect.anything() }, content: Buffer.from(bytes) })
    expect(found?.record).toEqual(record)
    expect(onDisk()).toHaveLength(1)
    expect(statSync(join(directory, onDisk()[0] ?? '')).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  test('of a file that was not there has no content', async () => {
    const record = await keep(undefined, { undoes: changeIdOf({ id: randomId('call') }) })
    expect(await files.find('ann', record.id)).toEqual({ record })
  })

  test('is found by its owner alone, and listed for its owner alone, latest first', async () => {
    const first = await keep('1')
    await clock.advance(1_000)
    const second = await keep('2')
    await clock.advance(1_000)
    await keep('3', { owner: 'ben' })
    expect(await files.find('ben', first.id)).toBeUndefined()
    expect(await open().list('ann')).toEqual([second, first])
    expect(await open().list('eve')).toEqual([])
  })

  test('that was not made after all is gone', async () => {
    const record = await keep('x')
    await files.drop(record)
    expect(await files.find('ann', record.id)).toBeUndefined()
    expect(onDisk()).toEqual([])
  })

  test.each([
    ['a byte of what was there', (file: Buffer) => file.fill('!', file.length - 1)],
    ['its end', (file: Buffer) => file.subarray(0, file.length - 1)],
    ['its record', (file: Buffer) => Buffer.concat([Buffer.from('{'), file])],
    ['all of it', () => Buffer.alloc(0)],
  ])('that was damaged in %s is not given, but dropped with a warning', async (_, damage) => {
    const record = await keep('the old content')
    const path = join(directory, onDisk()[0] ?? '')
    writeFileSync(path, damage(readFileSync(path)))
    expect(await files.find('ann', record.id)).toBeUndefined()
    expect(log.lines.join()).toContain('damaged')
    expect(onDisk()).toEqual([])
  })

  test('is not given to somebody who has its file under another name', async () => {
    const record = await keep('x')
    const [name = ''] = onDisk()
    const other = changeIdOf({ id: randomId('call') })
    writeFileSync(join(directory, name.replace(record.id, other)), readFileSync(join(directory, name)))
    expect(await files.find('ann', other)).toBeUndefined()
  })
})

describe('what is kept is bounded', () => {
  test('in time: what is older is not found and goes from the disk', async () => {
    const old = await keep('old')
    await clock.advance(24 * HOUR_MS - 1)
    expect(await files.find('ann', old.id)).toBeDefined()
    await clock.advance(1)
    expect(await files.find('ann', old.id)).toBeUndefined()
    expect(await files.list('ann')).toEqual([])
    expect(onDisk()).toEqual([])
  })

  test('in bytes: the oldest go first', async () => {
    limits = { ...limits, totalBytes: 40 * KIB }
    const records = []
    for (let index = 0; index < 6; index += 1) {
      await clock.advance(1_000)
      records.push(await keep('x'.repeat(9 * KIB)))
    }
    expect(await open().list('ann')).toEqual(records.slice(2).reverse())
    expect(onDisk()).toHaveLength(4)
  })

  test('in number, by what a small file takes on a disk', async () => {
    limits = { ...limits, totalBytes: 40 * KIB }
    for (let index = 0; index < 15; index += 1) await keep('x')
    expect(onDisk()).toHaveLength(10)
  })

  test('for each: whoever keeps most makes room, not who has little', async () => {
    limits = { ...limits, totalBytes: 40 * KIB }
    const bens = await keep('x', { owner: 'ben' })
    for (let index = 0; index < 20; index += 1) {
      await clock.advance(1_000)
      await keep('x'.repeat(5 * KIB))
    }
    expect(await files.find('ben', bens.id)).toBeDefined()
    expect(await files.list('ann')).toHaveLength(6)
  })

  test('one that is longer than all that may be kept is not, and pushes nothing out', async () => {
    const record = await keep('x')
    const long = recordOf('y'.repeat(2_000 * KIB))
    expect(await files.keep(long, Buffer.alloc(2_000 * KIB))).toEqual({
      kind: 'not_kept',
      because: 'too_large',
    })
    expect(await files.find('ann', record.id)).toBeDefined()
  })

  test('a retention of nothing keeps nothing, also of what was kept before', async () => {
    const record = await keep('x')
    limits = { ...limits, retentionMs: 0 }
    expect(await files.keep(recordOf('y'), Buffer.from('y'))).toEqual({ kind: 'not_kept', because: 'off' })
    expect(await files.find('ann', record.id)).toBeUndefined()
    expect(await files.list('ann')).toEqual([])
    expect(onDisk()).toEqual([])
  })

  test('also when many are kept at the same time', async () => {
    limits = { ...limits, totalBytes: 40 * KIB }
    await Promise.all(Array.from({ length: 30 }, () => keep('x'.repeat(9 * KIB))))
    expect(onDisk()).toHaveLength(4)
  })
})

describe('several bridges that share the directory', () => {
  test('find and list what the others kept, and make room together', async () => {
    limits = { ...limits, totalBytes: 40 * KIB }
    const other = open()
    await keep('x'.repeat(30 * KIB))
    await clock.advance(1_000)
    const record = recordOf('y'.repeat(20 * KIB))
    await other.keep(record, Buffer.from('y'.repeat(20 * KIB)))
    expect(await files.list('ann')).toEqual([record])
    expect(await files.find('ann', record.id)).toBeDefined()
    expect(onDisk()).toHaveLength(1)
  })

  test('take away what a crash left half written, but not what another writes just now', async () => {
    await keep('x')
    const name = onDisk()[0] ?? ''
    const [left, young] = ['0', '1'].map((digit) => name.replace('change', `${digit.repeat(32)}.tmp`))
    for (const each of [left, young]) writeFileSync(join(directory, each ?? ''), 'half')
    const long = new Date(clock.now().getTime() - 2 * HOUR_MS)
    utimesSync(join(directory, left ?? ''), long, long)
    utimesSync(join(directory, young ?? ''), clock.now(), clock.now())
    writeFileSync(join(directory, 'README'), 'not ours')
    await open().list('ann')
    expect(onDisk()).toEqual([name, young, 'README'].sort())
  })
})

describe('a disk that takes nothing', () => {
  test('is told by a rejection, nothing half written stays, and it goes on by itself', async () => {
    writeFileSync(directory, 'a file where the directory belongs')
    await expect(files.keep(recordOf('x'), Buffer.from('x'))).rejects.toThrow(/EEXIST|ENOTDIR/)
    rmSync(directory)
    const record = await keep('y')
    expect(await files.list('ann')).toEqual([record])
    expect(onDisk()).toHaveLength(1)
  })
})
