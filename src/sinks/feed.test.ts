import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fasterClock } from '../../test/kit/manual-clock.ts'
import { startPostgres, type TestPostgres } from '../../test/kit/postgres.ts'
import { type SinkInstance, sinkInstance } from '../../test/kit/sink-parts.ts'
import type { AuditLine } from '../domain/sink.ts'
import { systemClock } from '../lib/clock.ts'
import { LEASE_MS, sinkStatuses } from '../store/sink-cursors.ts'
import { type Sender, SinkFault } from './sender.ts'

let postgres: TestPostgres
const directory = mkdtempSync(join(tmpdir(), 'bridge-feed-'))
const open: SinkInstance[] = []

beforeAll(async () => {
  postgres = await startPostgres()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((instance) => instance.close()))
})

afterAll(async () => {
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const urls = {
  sqlite: async () => `sqlite:${join(directory, `${Math.random()}.db`)}`,
  postgres: () => postgres.database(),
}

async function instanceOn(url: string, clock = systemClock): Promise<SinkInstance> {
  const instance = await sinkInstance(url, clock)
  open.push(instance)
  return instance
}

/** A sink of a test: takes what it is sent, or does what `onSend` does. */
class TestSender implements Sender {
  readonly most = { records: 10, bytes: 1_000_000 }
  readonly taken: AuditLine[] = []
  onSend: (records: readonly AuditLine[], signal: AbortSignal) => Promise<void> = async () => undefined

  async begin({ seq }: { readonly seq: number }): Promise<number> {
    return seq
  }

  async send(records: readonly AuditLine[], signal: AbortSignal): Promise<void> {
    await this.onSend(records, signal)
    this.taken.push(...records)
  }

  async close(): Promise<void> {}

  get seqs(): number[] {
    return this.taken.map(({ seq }) => seq)
  }
}

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index)
const quick = { interval: 20 }

describe.each(['sqlite', 'postgres'] as const)('a sink fed from %s', (engine) => {
  test('gets every record as it stands in the chain, those of before too, in order', async () => {
    const instance = await instanceOn(await urls[engine]())
    await instance.append(25)
    const sender = new TestSender()
    instance.feed('one', sender)
    await instance.append(5)
    await expect.poll(() => sender.seqs, quick).toEqual(upTo(30))
    expect(sender.taken).toEqual(await instance.lines())
  })

  test('goes on where it was, after a restart and after it was dead', async () => {
    const url = await urls[engine]()
    const instance = await instanceOn(url, fasterClock(20))
    const sender = new TestSender()
    sender.onSend = async ([first]) => {
      if ((first?.seq ?? 0) > 10 && sender.taken.length < 11) throw new SinkFault('it is dead')
    }
    const feed = instance.feed('one', sender)
    await instance.append(10)
    await expect.poll(() => sender.seqs, quick).toEqual(upTo(10))
    await instance.append(20)
    const fault = async () => (await sinkStatuses(instance.database, systemClock))[0]
    await expect
      .poll(fault, quick)
      .toMatchObject({ name: 'one', seq: 10, lagRecords: 20, fault: 'it is dead' })
    expect((await fault())?.lagMs).toBeGreaterThanOrEqual(0)
    expect(instance.log.lines.join()).toContain('takes no records')
    await feed.close(100)

    const next = new TestSender()
    instance.feed('one', next)
    await expect.poll(() => next.seqs, quick).toEqual(upTo(20, 11))
    await expect.poll(fault, quick).toMatchObject({ seq: 30, lagRecords: 0, lagMs: 0 })
  })

  test('is fed by one of several instances, and by another one once that one has ended', async () => {
    const url = await urls[engine]()
    const [one, other] = [await instanceOn(url), await instanceOn(url, fasterClock(20))]
    const [first, second] = [new TestSender(), new TestSender()]
    one.feed('one', first)
    await one.append(5)
    await expect.poll(() => first.seqs, quick).toEqual(upTo(5))
    const place = async () => (await sinkStatuses(one.database, systemClock))[0]
    await expect.poll(place, quick).toMatchObject({ seq: 5, holder: one.id })
    other.feed('one', second)
    await other.append(5)
    await expect.poll(() => first.seqs, quick).toEqual(upTo(10))
    expect(second.seqs).toEqual([])
    await expect.poll(place, quick).toMatchObject({ seq: 10 })

    await one.die()
    await other.append(5)
    await expect.poll(() => second.seqs.at(-1), quick).toBe(15)
    expect((await place())?.holder).toBe(other.id)
  })

  test('is not kept waiting by an instance of which nothing is heard any more', async () => {
    const url = await urls[engine]()
    const [one, other] = [await instanceOn(url), await instanceOn(url, fasterClock(20))]
    await one.append(3)
    const until = Date.now() + LEASE_MS
    const row = 'INSERT INTO sink_cursors (sink, seq, holder, held_until) VALUES ($1, 1, $2, $3)'
    await one.database.run(row, 'held', one.id, until)
    await one.database.run(row, 'stale', one.id, Date.now() - 1)
    const [held, stale] = [new TestSender(), new TestSender()]
    other.feed('held', held)
    other.feed('stale', stale)
    await expect.poll(() => stale.seqs, quick).toEqual([2, 3])
    expect(held.seqs).toEqual([])
  })
})

test('a sink that hangs or is slow delays no append, and gets everything in the end', async () => {
  const instance = await instanceOn(await urls.sqlite())
  const sender = new TestSender()
  let isStuck = true
  sender.onSend = (_, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      const look = () => (isStuck ? setTimeout(look, 10) : resolve())
      look()
    })
  instance.feed('stuck', sender)
  // None of these would end if it waited for what stands still.
  for (let index = 0; index < 100; index += 1) await instance.append(1)
  expect(sender.seqs).toEqual([])
  isStuck = false
  await expect.poll(() => sender.seqs, quick).toEqual(upTo(100))
})

test('types choose records, and what is left out counts as arrived', async () => {
  const instance = await instanceOn(await urls.sqlite())
  const [exact, group, none] = [new TestSender(), new TestSender(), new TestSender()]
  instance.feed('exact', exact, { types: ['config.reloaded'] })
  instance.feed('group', group, { types: ['call.finished', 'config.*'] })
  instance.feed('none', none, { types: ['call.*'] })
  await instance.append(3)
  await expect.poll(() => [exact.seqs, group.seqs], quick).toEqual([upTo(3), upTo(3)])
  const places = async () => (await sinkStatuses(instance.database, systemClock)).map(({ seq }) => seq)
  await expect.poll(places, quick).toEqual([3, 3, 3])
  expect(none.seqs).toEqual([])
})

test('a sink that says when to come back is asked then, and no earlier', async () => {
  const instance = await instanceOn(await urls.sqlite(), fasterClock(10))
  const sender = new TestSender()
  const askedMs: number[] = []
  sender.onSend = async () => {
    askedMs.push(performance.now())
    if (askedMs.length === 1) throw new SinkFault('busy', { retryAfterMs: 5_000 })
  }
  instance.feed('busy', sender)
  await instance.append(1)
  await expect.poll(() => sender.seqs, quick).toEqual([1])
  expect((askedMs[1] ?? 0) - (askedMs[0] ?? 0)).toBeGreaterThan(450)
  expect(instance.log.lines.join()).toContain('takes records again')
})

test('what is left is sent at the end', async () => {
  const instance = await instanceOn(await urls.sqlite())
  const sender = new TestSender()
  const feed = instance.feed('last', sender)
  await instance.append(35)
  await feed.close(2_000)
  expect(sender.seqs).toEqual(upTo(35))
})
