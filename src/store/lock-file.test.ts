import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockOn } from '../../test/kit/lock-parts.ts'
import { hostName } from '../domain/host.ts'
import type { Lock } from '../domain/lock.ts'
import { systemClock } from '../lib/clock.ts'
import { LockFile } from './lock-file.ts'

let directory = ''
const end = { signal: new AbortController() }

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-locks-'))
  end.signal = new AbortController()
})
afterEach(() => {
  end.signal.abort()
  rmSync(directory, { recursive: true, force: true })
})

const open = () => new LockFile(directory, systemClock)
const add = (file: LockFile, ...locks: Lock[]) =>
  file.change((known) => ({ ...known, locks: [...known.locks, ...locks] }))

const locks = [
  lockOn({ kind: 'person', email: 'user@example.com' }),
  lockOn({ kind: 'person', issuer: 'https://idp.example.com/', subject: 'u1' }),
  lockOn({ kind: 'client', client: 'chat' }),
  lockOn({ kind: 'api_key', name: 'ci' }),
  lockOn({ kind: 'host', host: hostName('web') }, { expiresAt: new Date('2026-01-02T00:00:00Z') }),
  lockOn({ kind: 'all' }, { reason: 'two\nlines "quoted" é' }),
]

test('without a file nothing is locked, and reading makes none', () => {
  expect(open().read()).toEqual({ kind: 'known', locks: [], unrecorded: [] })
  expect(() => statSync(open().path)).toThrow('ENOENT')
})

test('locks of every kind are read again as they were written, by another process too', async () => {
  await add(open(), ...locks)
  const unrecorded = [{ what: 'removed', lock: lockOn({ kind: 'all' }), by: 'root' } as const]
  await open().change((known) => ({ ...known, unrecorded }))
  expect(open().read()).toEqual({ kind: 'known', locks, unrecorded })
  expect(statSync(open().path).mode & 0o777).toBe(0o600)
})

test('nothing is lost when many write at once', async () => {
  const many = Array.from({ length: 40 }, () => lockOn({ kind: 'client', client: 'one' }))
  await Promise.all(many.map((lock) => add(open(), lock)))
  const state = open().read()
  const ids = state.kind === 'known' ? state.locks.map(({ id }) => id) : []
  expect(ids.toSorted()).toEqual(many.map(({ id }) => id).toSorted())
})

const whole = JSON.stringify({ version: 1, locks, unrecorded: [] })
const [one] = locks
test.each([
  ['an empty file', ''],
  ['half a file', whole.slice(0, whole.length / 2)],
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
])('%s is damage: nobody can tell what is locked, and nothing is written over it', async (_, text) => {
  writeFileSync(open().path, text)
  expect(open().read()).toMatchObject({ kind: 'damaged', why: expect.stringContaining(open().path) })
  await expect(add(open(), lockOn({ kind: 'all' }))).rejects.toThrow('nothing was changed')
  expect(readFileSync(open().path, 'utf8')).toBe(text)
})

test('a file that cannot be read is damage, and known again once it can', async () => {
  const file = open()
  mkdirSync(file.path)
  expect(file.read()).toMatchObject({ kind: 'damaged', why: expect.stringContaining('EISDIR') })
  rmSync(file.path, { recursive: true })
  expect(file.read()).toMatchObject({ kind: 'known' })
})

test('a change of another process is told within a quarter of a second, and each once', async () => {
  const file = open()
  file.read()
  const told: number[] = []
  file.follow(() => {
    told.push(performance.now())
    file.read()
  }, end.signal.signal)
  for (const change of [() => add(open(), lockOn({ kind: 'all' })), async () => unlinkSync(open().path)]) {
    const [before, sinceMs] = [told.length, performance.now()]
    await change()
    await expect.poll(() => told.length, { interval: 5 }).toBe(before + 1)
    expect((told.at(-1) ?? 0) - sinceMs).toBeLessThan(1_000)
  }
})

test('a folder that comes later is followed too', async () => {
  const below = new LockFile(join(directory, 'later'), systemClock)
  below.read()
  let told = 0
  below.follow(() => {
    told += 1
    below.read()
  }, end.signal.signal)
  await add(new LockFile(join(directory, 'later'), systemClock), lockOn({ kind: 'all' }))
  await expect.poll(() => told).toBe(1)
})

test('the mark of a process that died in the middle of writing is taken away, that of one that lives is respected', async () => {
  const mark = `${open().path}.writing`
  writeFileSync(mark, `999999999 5 ${'0'.repeat(32)}\n`)
  await add(open(), lockOn({ kind: 'all' }))
  expect(() => statSync(mark)).toThrow('ENOENT')

  writeFileSync(mark, `${process.ppid} ${startTimeOf(process.ppid)} ${'0'.repeat(32)}\n`)
  const waiting = add(open(), lockOn({ kind: 'all' }))
  await systemClock.sleep(50)
  expect(open().read()).toMatchObject({ locks: [{}] })
  unlinkSync(mark)
  expect((await waiting).locks).toHaveLength(2)
})

test.runIf(process.getuid?.() === 0)('what root writes belongs to the user of the bridge', async () => {
  chmodSync(directory, 0o700)
  const { chownSync } = await import('node:fs')
  chownSync(directory, 4711, 4712)
  await add(open(), lockOn({ kind: 'all' }))
  expect(statSync(open().path)).toMatchObject({ uid: 4711, gid: 4712 })
})

function startTimeOf(pid: number): string | undefined {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
