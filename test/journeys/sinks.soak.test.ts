import { randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FileSender } from '../../src/sinks/file-sender.ts'
import { WebhookSender } from '../../src/sinks/webhook-sender.ts'
import { fasterClock } from '../kit/manual-clock.ts'
import { startPostgres } from '../kit/postgres.ts'
import { fetchTo, receivedLines, sinkInstance, startReceiver } from '../kit/sink-parts.ts'

const RECORDS = 100_000
const directory = mkdtempSync(join(tmpdir(), 'bridge-sink-soak-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test.each(['sqlite', 'postgres'])(
  `${RECORDS} records of %s, a receiver that dies at random and instances that end in the middle: every record arrives, in order`,
  async (engine) => {
    const postgres = engine === 'postgres' ? await startPostgres() : undefined
    const url = (await postgres?.database()) ?? `sqlite:${join(directory, 'soak.db')}`
    const receiver = await startReceiver()
    const clock = fasterClock(20)
    const copies = join(directory, engine)
    const begin = async () => {
      const made = await sinkInstance(url, clock)
      const sink = {
        kind: 'webhook',
        url: receiver.url,
        secret: 'of the soak, and of no other',
        batch: 500,
      } as const
      made.feed('webhook', new WebhookSender(sink, { fetch: fetchTo(receiver.url, fasterClock(5)), clock }))
      made.feed('file', new FileSender({ kind: 'file', directory: copies, fileBytes: 2_000_000 }))
      return made
    }
    let instance = await begin()
    const ended: (typeof instance)[] = []
    try {
      let deaths = 0
      for (let appended = 0; appended < RECORDS; appended += 2_000) {
        await instance.append(2_000)
        const chance = randomInt(4)
        if (chance === 0) {
          await receiver.die()
          deaths += 1
          await instance.append(0)
          await receiver.start()
        } else if (chance === 1) receiver.mood = { status: 500 }
        else if (chance === 2) receiver.mood = 'well'
        else {
          // Another one has taken over before the first has noticed.
          const next = await begin()
          await instance.die()
          ended.push(instance)
          instance = next
        }
      }
      receiver.mood = 'well'
      const lines = (await instance.lines()).map(({ line }) => line)
      expect(lines).toHaveLength(RECORDS)
      expect(deaths + ended.length).toBeGreaterThan(5)
      const inFiles = () =>
        readdirSync(copies)
          .sort()
          .flatMap((name) => readFileSync(join(copies, name), 'utf8').split('\n').slice(0, -1))
      await expect.poll(() => inFiles().length, { timeout: 60_000, interval: 500 }).toBe(RECORDS)
      expect(inFiles()).toEqual(lines)
      await expect
        .poll(() => receivedLines(receiver.bodies).length, { timeout: 120_000, interval: 2_000 })
        .toBe(RECORDS)
      expect(receivedLines(receiver.bodies)).toEqual(lines)
    } finally {
      await Promise.all([instance, ...ended].map((one) => one.close().catch(() => undefined)))
      await receiver.stop()
      await postgres?.stop()
    }
  },
  300_000,
)
