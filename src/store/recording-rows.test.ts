import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { startPostgres, type TestPostgres } from '../../test/kit/postgres.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { hostName } from '../domain/host.ts'
import type { RecordingFacts, RecordingId } from '../domain/recording.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { registerInstance } from './instance.ts'
import { RecordingKeeper } from './recording-keeper.ts'
import { NoSuchKey, RecordingReader } from './recording-reader.ts'
import { RecordingRows } from './recording-rows.ts'
import { PLAIN, sealWith, UnreadablePiece } from './recording-seal.ts'
import type { Database } from './sql/database.ts'
import { openDatabase } from './sql/open-database.ts'

const KEY = 'k'.repeat(40)
const OTHER_KEY = 'o'.repeat(40)
const directory = mkdtempSync(join(tmpdir(), 'bridge-recordings-'))
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(async () => {
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const urls = {
  sqlite: async () => `sqlite:${join(directory, 'bridge.db')}`,
  postgres: () => postgres.database(),
}

function factsOf(more: Partial<RecordingFacts> = {}): RecordingFacts {
  return {
    id: randomId('rec') as RecordingId,
    kind: 'command',
    call: randomId('call'),
    person: '["https://idp.example.com/","alice"]',
    name: 'alice@example.com',
    host: hostName('web-1'),
    startedAt: new Date('2026-01-01T00:00:00Z'),
    ...more,
  }
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')

async function castOf(reader: RecordingReader, id: RecordingId): Promise<string> {
  const recording = await reader.find(id)
  if (recording === undefined) throw new Error('no such recording')
  const pieces: Buffer[] = []
  for await (const piece of reader.castOf(recording)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe.each(['sqlite', 'postgres'] as const)('recordings in %s', (engine) => {
  let database: Database
  let instance: Awaited<ReturnType<typeof registerInstance>>

  beforeAll(async () => {
    database = await openDatabase(await urls[engine](), systemClock)
    instance = await registerInstance(database, systemClock)
  })

  afterAll(() => database?.close())

  async function record(rows: RecordingRows, facts: RecordingFacts, ...pieces: string[]) {
    const writer = await rows.begin(facts)
    for (const piece of pieces) await writer.add(Buffer.from(piece))
    return writer
  }

  test.each([
    ['plain', undefined],
    ['encrypted', KEY],
  ])('%s: what was written is read again, and its digests are those of it', async (_, key) => {
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => (key ? sealWith(key) : PLAIN),
    )
    const reader = new RecordingReader(database, () => [OTHER_KEY, ...(key ? [key] : [])])
    const facts = factsOf()
    const { sums } = await record(rows, facts, 'header\n', 'one marvellous line\n', 'two\n')
    expect(sums).toMatchObject({ pieces: 3, sha256: sha256('header\none marvellous line\ntwo\n') })
    await rows.close(facts.id, { ...sums, state: 'complete' }, new Date('2026-01-01T00:01:00Z'))
    expect(await castOf(reader, facts.id)).toBe('header\none marvellous line\ntwo\n')
    const kept = await reader.find(facts.id)
    expect(kept).toMatchObject({
      name: 'alice@example.com',
      host: 'web-1',
      end: { state: 'complete', ...sums },
    })
    expect(await reader.sumsOf(kept ?? { id: facts.id, keyId: undefined })).toEqual(sums)
  })

  test('is given page by page: whole pieces, those behind the last page, and no more than there are', async () => {
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => sealWith(KEY),
    )
    const reader = new RecordingReader(database, () => [KEY])
    const facts = factsOf()
    const half = `${'x'.repeat(600_000)}\n`
    await record(rows, facts, 'header\n', half, half, 'last\n')
    const kept = (await reader.find(facts.id)) ?? { id: facts.id, keyId: undefined }
    expect(await reader.pageOf(kept, 0)).toEqual({ text: `header\n${half}${half}`, last: 3 })
    expect(await reader.pageOf(kept, 3)).toEqual({ text: 'last\n', last: 4 })
    expect(await reader.pageOf(kept, 4)).toEqual({ text: '' })
    expect(await reader.pageOf(kept, 1_000)).toEqual({ text: '' })
    await expect(new RecordingReader(database, () => []).pageOf(kept, 0)).rejects.toThrow(NoSuchKey)
  })

  test('encrypted, nothing of it is there in plain text, and nobody reads it without the key', async () => {
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => sealWith(KEY),
    )
    const facts = factsOf()
    await record(rows, facts, 'header\n', 'marvellous\n')
    const stored = await database.all<{ bytes: Buffer }>(
      'SELECT bytes FROM recording_pieces WHERE recording = $1 ORDER BY n',
      facts.id,
    )
    expect(stored).toHaveLength(2)
    for (const { bytes } of stored)
      expect(bytes.toString('latin1')).not.toMatch(/header|marvellous|\x1f\x8b\x08/)
    await expect(castOf(new RecordingReader(database, () => [OTHER_KEY]), facts.id)).rejects.toThrow(
      NoSuchKey,
    )
  })

  test('a piece that was changed, or put in the place of another, is not read', async () => {
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => sealWith(KEY),
    )
    const reader = new RecordingReader(database, () => [KEY])
    const facts = factsOf()
    await record(rows, facts, 'same\n', 'same\n')
    const [first] = await database.all<{ bytes: Buffer }>(
      'SELECT bytes FROM recording_pieces WHERE recording = $1 AND n = 1',
      facts.id,
    )
    const sql = 'UPDATE recording_pieces SET bytes = $1 WHERE recording = $2 AND n = 2'
    await database.run(sql, first?.bytes ?? null, facts.id)
    await expect(castOf(reader, facts.id)).rejects.toThrow(UnreadablePiece)
  })

  test('are found by person, host and time, latest first', async () => {
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => PLAIN,
    )
    const reader = new RecordingReader(database, () => [])
    const at = (day: number) => new Date(Date.UTC(2027, 0, day))
    for (const [day, name, host] of [
      [1, 'carol_1@example.com', 'db-1'],
      [2, 'Carol%2@example.com', 'db-2'],
      [3, 'dave@example.com', 'db-2'],
    ] as const)
      await record(rows, factsOf({ name, host: hostName(host), startedAt: at(day) }), 'x\n')
    const found = async (filter: object) =>
      (await reader.list({ limit: 10, ...filter })).map(({ startedAt }) => startedAt.getUTCDate())
    expect(await found({ person: 'carol', since: at(1) })).toEqual([2, 1])
    expect(await found({ person: 'L%', since: at(1) })).toEqual([2])
    expect(await found({ host: 'db-2', since: at(1) })).toEqual([3, 2])
    expect(await found({ since: at(2), until: at(3) })).toEqual([2])
    expect(await found({ since: at(1), limit: 1 })).toEqual([3])
    // However many are asked for: each statement is kept prepared for ever.
    const texts = new Set<string>()
    const scan = async (text: string) => {
      texts.add(text)
      return []
    }
    const noting = { scan } as unknown as Database
    for (const limit of [1, 2, 3]) await new RecordingReader(noting, () => []).list({ limit })
    expect(texts.size).toBe(1)
  })

  test('of an instance that is gone are closed as cut, on record; nothing is added to them then', async () => {
    const clock = new ManualClock()
    const gone = await registerInstance(database, systemClock)
    const rows = new RecordingRows(
      database,
      () => gone.id,
      () => PLAIN,
    )
    const facts = factsOf()
    const writer = await record(rows, facts, 'header\n', 'one\n')
    await gone.close()
    const { keeper, events, reader } = keeperOf(clock)
    await keeper.look()
    const own = events.filter((event) => 'recording' in event && event.recording.id === facts.id)
    expect(own).toMatchObject([
      { type: 'recording.finished', end: { state: 'cut', pieces: 2, sha256: sha256('header\none\n') } },
    ])
    expect(await reader.find(facts.id)).toMatchObject({ end: { state: 'cut' } })
    await expect(writer.add(Buffer.from('late\n'))).rejects.toThrow('another instance has closed')
    expect(await writer.isOwn()).toBe(false)
    await keeper.look()
    expect(events.filter((event) => 'recording' in event && event.recording.id === facts.id)).toHaveLength(1)
  })

  test('are closed, and removed, by one of several instances that see the same; what that one counts is all there is', async () => {
    const clock = new ManualClock()
    const [gone, other] = [
      await registerInstance(database, systemClock),
      await registerInstance(database, systemClock),
    ]
    const rows = new RecordingRows(
      database,
      () => gone.id,
      () => PLAIN,
    )
    const [left, old] = [factsOf(), factsOf({ startedAt: new Date(0) })]
    const writer = await record(rows, left, 'header\n')
    const { sums } = await record(rows, old, 'header\n')
    await rows.close(old.id, { ...sums, state: 'complete' }, old.startedAt)
    await gone.close()
    const [one, two] = [keeperOf(clock), keeperOf(clock, other.id)]
    // Who wrote it has woken up while it is looked through.
    const late: unknown[] = []
    const castOf = one.reader.sumsOf.bind(one.reader)
    one.reader.sumsOf = async (recording) => {
      const found = await castOf(recording)
      late.push(await writer.add(Buffer.from('late\n')).catch(() => 'refused'))
      return found
    }
    two.reader.sumsOf = one.reader.sumsOf
    await Promise.all([one.keeper.look(), two.keeper.look()])
    const told = [...one.events, ...two.events].flatMap((event) =>
      'recording' in event && [left.id, old.id].includes(event.recording.id) ? [event.type] : [],
    )
    expect(told.sort()).toEqual(['recording.finished', 'recording.removed'])
    expect(late).toEqual(['refused'])
    await other.close()
  })

  test('are removed when they were kept long enough, on record, and not before', async () => {
    const clock = new ManualClock()
    const rows = new RecordingRows(
      database,
      () => instance.id,
      () => PLAIN,
    )
    const dayMs = 86_400_000
    const [old, young] = [2, 0.5].map((days) =>
      factsOf({ startedAt: new Date(clock.now().getTime() - days * dayMs) }),
    ) as [RecordingFacts, RecordingFacts]
    for (const facts of [old, young]) {
      const { sums } = await record(rows, facts, 'x\n')
      await rows.close(facts.id, { ...sums, state: 'complete' }, facts.startedAt)
    }
    const { keeper, events, reader } = keeperOf(clock)
    await keeper.look()
    expect(await reader.find(old.id)).toBeUndefined()
    expect(await reader.find(young.id)).toBeDefined()
    expect(await database.all('SELECT 1 FROM recording_pieces WHERE recording = $1', old.id)).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'recording.removed',
        recording: expect.objectContaining({ id: old.id }),
      }),
    )
  })

  function keeperOf(clock: ManualClock, me = instance.id) {
    const events: AuditEvent[] = []
    const reader = new RecordingReader(database, () => [KEY])
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const keeper = new RecordingKeeper({
      ...{ database, instance: () => me, reader, clock, log, meter: {} },
      store: new RecordingRows(
        database,
        () => me,
        () => PLAIN,
      ),
      audit: { append: async (...all) => void events.push(...all), problem: () => undefined },
      open: () => new Set(),
      retentionMs: () => 86_400_000,
    })
    return { keeper, events, reader }
  }
})

test('encrypted, the file of SQLite holds no plain text of it', () => {
  const file = readFileSync(join(directory, 'bridge.db'), 'latin1')
  expect(file).toContain('alice@example.com')
  expect(file).not.toContain('marvellous')
})
