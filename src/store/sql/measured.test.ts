import { expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Database } from './database.ts'
import { measured } from './measured.ts'

test('everything that is asked reaches the database as it was asked, and is measured by its kind', async () => {
  const asked: unknown[] = []
  const told: unknown[] = []
  const note =
    (name: string) =>
    (...given: unknown[]) => {
      asked.push([name, ...given])
      return Promise.resolve([])
    }
  const names = ['all', 'run', 'scan', 'transaction', 'notify', 'listen', 'problem', 'close'] as const
  const first = { all: note('first all'), run: note('first run'), transaction: note('first transaction') }
  const each = Object.fromEntries(names.map((name) => [name, note(name)]))
  const database = { ...each, first } as unknown as Database
  const statement = (...facts: unknown[]) => void told.push(facts)
  const wrapped = measured(database, { statement }, new ManualClock())
  const work = async () => undefined
  const { signal } = new AbortController()
  await wrapped.all('SELECT $1', 1)
  await wrapped.run('DELETE', 'a', 2)
  await wrapped.scan('SELECT $1', 3)
  await wrapped.transaction(work, 'written')
  await wrapped.notify('locks', 'text')
  wrapped.listen('locks', work, signal)
  await wrapped.first.all('SELECT $1', 4)
  await wrapped.first.run('DELETE', 5)
  await wrapped.first.transaction(work)
  expect(asked).toEqual([
    ['all', 'SELECT $1', 1],
    ['run', 'DELETE', 'a', 2],
    ['scan', 'SELECT $1', 3],
    ['transaction', work, 'written'],
    ['notify', 'locks', 'text'],
    ['listen', 'locks', work, signal],
    ['first all', 'SELECT $1', 4],
    ['first run', 'DELETE', 5],
    ['first transaction', work],
  ])
  expect(told).toEqual([
    ['read', 0, true],
    ['write', 0, true],
    ['scan', 0, true],
    ['transaction', 0, true],
    ['read', 0, true],
    ['write', 0, true],
    ['transaction', 0, true],
  ])
})
