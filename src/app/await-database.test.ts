import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { Log } from '../domain/log.ts'
import { DatabaseAway, UnusableDatabase } from '../store/sql/database.ts'
import { awaitDatabase } from './await-database.ts'

const away = () => Promise.reject(new DatabaseAway('database: ECONNREFUSED'))

function listening(): { log: Log; said: string[] } {
  const said: string[] = []
  const write = (message: string, fields?: object) => void said.push(`${message} ${JSON.stringify(fields)}`)
  return { said, log: { debug: write, info: write, warn: write, error: write } }
}

async function seconds(clock: ManualClock, count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await expect.poll(() => clock.sleeping).toBe(1)
    await clock.advance(1_000)
  }
}

test('a database that is away is asked each second; the log says so at once, then every ten seconds', async () => {
  const clock = new ManualClock()
  const { log, said } = listening()
  let asked = 0
  const opened = awaitDatabase(
    async () => {
      asked += 1
      return asked > 25 ? 'open' : away()
    },
    clock,
    log,
  )
  await seconds(clock, 25)
  expect(await opened).toBe('open')
  expect(said).toHaveLength(3)
  expect(said[0]).toBe('Waiting for the database {"cause":"database: ECONNREFUSED","seconds_left":60}')
})

test('it is not waited for longer than a minute, nor after an end was asked for', async () => {
  const clock = new ManualClock()
  const late = awaitDatabase(away, clock, listening().log)
  late.catch(() => undefined)
  await seconds(clock, 60)
  await expect(late).rejects.toThrow(
    'cannot start: the database did not answer for 60 seconds (database: ECONNREFUSED)',
  )
  const stop = new AbortController()
  const ended = awaitDatabase(away, clock, listening().log, stop.signal)
  ended.catch(() => undefined)
  await expect.poll(() => clock.sleeping).toBe(1)
  stop.abort()
  await expect(ended).rejects.toThrow(DatabaseAway)
})

test('one that will never do is not waited for', async () => {
  const never = () => Promise.reject(new UnusableDatabase('PostgreSQL refuses'))
  await expect(awaitDatabase(never, new ManualClock(), listening().log)).rejects.toThrow(UnusableDatabase)
})
