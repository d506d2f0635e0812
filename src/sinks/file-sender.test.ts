import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { fasterClock } from '../../test/kit/manual-clock.ts'
import { type SinkInstance, sinkInstance } from '../../test/kit/sink-parts.ts'
import type { AuditLine, FileSink } from '../domain/sink.ts'
import { FileSender } from './file-sender.ts'

const root = mkdtempSync(join(tmpdir(), 'bridge-file-sink-'))
const open: SinkInstance[] = []
let places = 0

afterEach(async () => {
  await Promise.all(open.splice(0).map((instance) => instance.close()))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const newPlace = () => join(root, `sink-${++places}`)
const sink = (directory: string, more: Partial<FileSink> = {}): FileSink => ({
  kind: 'file',
  directory,
  fileBytes: 1_048_576,
  ...more,
})

/** Lines of a chain, of one day after the other: `perDay` of each. */
function chain(count: number, perDay = count): AuditLine[] {
  let prev = '0'.repeat(64)
  return Array.from({ length: count }, (_, index) => {
    const at = Date.parse('2026-03-01T10:00:00Z') + Math.floor(index / perDay) * 86_400_000
    const line = `{"_chain":{"prev":"${prev}","seq":${index + 1}},"n":"${'ä'.repeat(40)}"}`
    prev = createHash('sha256').update(line).digest('hex')
    return { seq: index + 1, at, type: 'call.finished', line }
  })
}

const names = (directory: string) => readdirSync(directory).sort()
const linesIn = (directory: string) =>
  names(directory).flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1))
const texts = (records: readonly AuditLine[]) => records.map(({ line }) => line)

async function written(records: readonly AuditLine[], to: FileSink): Promise<void> {
  const sender = new FileSender(to)
  const from = await sender.begin({ seq: 0, head: records.length })
  for (let at = from; at < records.length; at += 3) await sender.send(records.slice(at, at + 3))
  await sender.close()
}

describe('the files of a sink', () => {
  test('hold the lines of the chain, one file a day, readable by their owner alone', async () => {
    const directory = newPlace()
    const records = chain(10, 4)
    await written(records, sink(directory))
    expect(names(directory)).toEqual([
      'audit-2026-03-01.jsonl',
      'audit-2026-03-02.jsonl',
      'audit-2026-03-03.jsonl',
    ])
    expect(linesIn(directory)).toEqual(texts(records))
    for (const name of names(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  test('that become too large are set aside, in the order of their names, and old ones are removed', async () => {
    const [all, few, young] = [newPlace(), newPlace(), newPlace()]
    const records = chain(12, 8)
    await written(records, sink(all, { fileBytes: 600 }))
    expect(names(all)).toEqual([
      'audit-2026-03-01.0001.jsonl',
      'audit-2026-03-01.0002.jsonl',
      'audit-2026-03-01.jsonl',
      'audit-2026-03-02.0001.jsonl',
      'audit-2026-03-02.jsonl',
    ])
    expect(linesIn(all)).toEqual(texts(records))
    for (const name of names(all)) expect(statSync(join(all, name)).size).toBeLessThanOrEqual(600)
    await written(records, sink(few, { fileBytes: 600, keepFiles: 2 }))
    expect(names(few)).toEqual(['audit-2026-03-02.0001.jsonl', 'audit-2026-03-02.jsonl'])
    await written(chain(6, 1), sink(young, { keepDays: 2 }))
    expect(names(young)).toEqual([4, 5, 6].map((day) => `audit-2026-03-0${day}.jsonl`))
  })

  test('go on after a record of yesterday that came late', async () => {
    const directory = newPlace()
    const [first, second, third] = chain(3)
    const late = [first, { ...second, at: (second?.at ?? 0) + 86_400_000 }, third] as AuditLine[]
    await written(late, sink(directory))
    expect(linesIn(directory)).toEqual(texts(late))
    expect(names(directory)).toHaveLength(2)
  })

  test.each([
    ['was torn in the middle of a record', (path: string) => truncateSync(path, statSync(path).size - 30)],
    ['ends with half a record', (path: string) => appendFileSync(path, '{"_chain":{"prev":"00')],
    ['was emptied', (path: string) => truncateSync(path, 0)],
    ['was made and nothing written', (path: string) => writeFileSync(path.replace('02.j', '03.j'), '')],
    ['ends as it should', () => undefined],
  ])('a last file that %s is made whole, and no record is missing or there twice', async (_, harm) => {
    const directory = newPlace()
    const records = chain(11, 7)
    await written(records.slice(0, 9), sink(directory))
    harm(join(directory, 'audit-2026-03-02.jsonl'))
    await written(records, sink(directory))
    expect(linesIn(directory)).toEqual(texts(records))
  })

  test('a crash between setting a file aside and making the next one leaves a directory that goes on', async () => {
    const directory = newPlace()
    const records = chain(9)
    await written(records.slice(0, 6), sink(directory, { fileBytes: 600 }))
    const path = join(directory, 'audit-2026-03-01.jsonl')
    execFileSync('mv', [path, join(directory, 'audit-2026-03-01.0002.jsonl')])
    await written(records, sink(directory, { fileBytes: 600 }))
    expect(linesIn(directory)).toEqual(texts(records))
    expect(names(directory)).toEqual([
      'audit-2026-03-01.0001.jsonl',
      'audit-2026-03-01.0002.jsonl',
      'audit-2026-03-01.jsonl',
    ])
  })

  test('what has arrived is not written again where files were taken away', async () => {
    const sender = new FileSender(sink(newPlace()))
    expect(await sender.begin({ seq: 40, head: 50 })).toBe(40)
  })

  test('an instance that was replaced and wakes up writes nothing behind the other one’s back', async () => {
    const directory = newPlace()
    const records = chain(9)
    const asleep = new FileSender(sink(directory))
    await asleep.begin({ seq: 0, head: 9 })
    await asleep.send(records.slice(0, 3))
    await written(records.slice(0, 6), sink(directory))
    await expect(asleep.send(records.slice(3, 6))).rejects.toThrow('another process has written')
    expect(await asleep.begin({ seq: 3, head: 9 })).toBe(6)
    await asleep.send(records.slice(6))
    await asleep.close()
    expect(linesIn(directory)).toEqual(texts(records))
  })

  test('a directory of another audit, and a file that is none, are told and left as they are', async () => {
    const directory = newPlace()
    await written(chain(5), sink(directory))
    const sender = new FileSender(sink(directory))
    await expect(sender.begin({ seq: 0, head: 3 })).rejects.toThrow('records of another audit')
    await sender.close()
    const other = newPlace()
    mkdirSync(other)
    writeFileSync(join(other, 'audit-2026-03-01.jsonl'), 'hello\n')
    await expect(new FileSender(sink(other)).begin({ seq: 0, head: 3 })).rejects.toThrow('no record')
    expect(readFileSync(join(other, 'audit-2026-03-01.jsonl'), 'utf8')).toBe('hello\n')
  })
})

test('a full disk delays no append, and once there is room every record is there, in order', async () => {
  const directory = newPlace()
  mkdirSync(directory)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory])
  try {
    const instance = await sinkInstance(`sqlite:${join(root, 'full.db')}`, fasterClock(10))
    open.push(instance)
    writeFileSync(join(directory, 'other'), Buffer.alloc(800_000))
    instance.feed('file', new FileSender(sink(join(directory, 'audit'))))
    await instance.append(3_000)
    const told = () => instance.log.lines.join()
    await expect.poll(told).toContain('ENOSPC')
    // None of these would end if it waited for what stands still.
    for (let count = 0; count < 50; count += 1) await instance.append(1)
    rmSync(join(directory, 'other'))
    const expected = async () => texts(await instance.lines())
    await expect.poll(() => linesIn(join(directory, 'audit')).length).toBe((await expected()).length)
    expect(linesIn(join(directory, 'audit'))).toEqual(await expected())
    await instance.close()
    open.splice(0)
  } finally {
    execFileSync('umount', ['-l', directory])
  }
})
