import { statSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ENGINES, type Engine, testDatabases } from '../../../test/kit/databases.ts'
import { systemClock } from '../../lib/clock.ts'
import { AlreadyThere, type Database, DatabaseAway, UnusableDatabase } from './database.ts'
import { openDatabase } from './open-database.ts'

const databases = testDatabases()

async function withTable(engine: Engine): Promise<{ database: Database; url: string }> {
  const url = await databases.newUrl(engine)
  const database = await databases.open(url)
  const bytes = engine === 'sqlite' ? 'BLOB' : 'BYTEA'
  await database.run(`CREATE TABLE things (id TEXT PRIMARY KEY, size BIGINT, bytes ${bytes})`)
  return { database, url }
}

describe.each(ENGINES)('%s', (engine) => {
  test('gives back what was put in, and tells how many rows changed', async () => {
    const { database } = await withTable(engine)
    const big = 2 ** 52 + 1
    expect(
      await database.run('INSERT INTO things VALUES ($3, $1, $2)', big, Buffer.from([0, 255]), 'ä\u{1f600}'),
    ).toBe(1)
    expect(await database.all('SELECT * FROM things WHERE id = $1', 'ä\u{1f600}')).toEqual([
      { id: 'ä\u{1f600}', size: big, bytes: Buffer.from([0, 255]) },
    ])
    expect(await database.scan('SELECT id FROM things WHERE size = $1', 3)).toEqual([])
    expect(await database.run('UPDATE things SET size = NULL WHERE id = $1', 'none')).toBe(0)
  })

  test('a row that is there already is told from every other fault', async () => {
    const { database } = await withTable(engine)
    await database.run("INSERT INTO things (id) VALUES ('a')")
    await expect(database.run("INSERT INTO things (id) VALUES ('a')")).rejects.toThrow(AlreadyThere)
    await expect(database.run("INSERT INTO nothing VALUES ('a')")).rejects.not.toThrow(AlreadyThere)
  })

  test('a transaction is whole or nothing, and nobody writes in between', async () => {
    const { database, url } = await withTable(engine)
    const other = await databases.open(url)
    await database.run("INSERT INTO things (id, size) VALUES ('n', 0)")
    await expect(
      database.transaction(async (sql) => {
        await sql.run("UPDATE things SET size = 100 WHERE id = 'n'")
        throw new Error('not after all')
      }),
    ).rejects.toThrow('not after all')
    const more = (on: Database) =>
      on.transaction(async (sql) => {
        const lock = engine === 'postgres' ? ' FOR UPDATE' : ''
        const [row] = await sql.all<{ size: number }>(`SELECT size FROM things WHERE id = 'n'${lock}`)
        await sql.run("UPDATE things SET size = $1 WHERE id = 'n'", (row?.size ?? 0) + 1)
      })
    await Promise.all(Array.from({ length: 20 }, (_, index) => more(index % 2 ? other : database)))
    expect(await other.all('SELECT size FROM things')).toEqual([{ size: 20 }])
  })

  test('what is read first waits for no transaction, and sees nothing of one that is not committed', async () => {
    const { database } = await withTable(engine)
    const count = async () => (await database.first.all<{ n: number }>('SELECT COUNT(*) AS n FROM things'))[0]
    await database.transaction(async (sql) => {
      await sql.run("INSERT INTO things (id) VALUES ('a')")
      expect(await count()).toEqual({ n: 0 })
    })
    expect(await count()).toEqual({ n: 1 })
  })

  test('what is written first goes before all that waits, and the rest in its order', async () => {
    const { database } = await withTable(engine)
    const done: string[] = []
    const write = (id: string) =>
      database.run('INSERT INTO things (id) VALUES ($1)', id).then(() => done.push(id))
    const waiting = Array.from({ length: 100 }, (_, index) => write(`${index}`))
    await database.first.run("INSERT INTO things (id) VALUES ('first')")
    expect(done.length).toBeLessThan(50)
    await Promise.all(waiting)
    if (engine === 'sqlite') expect(done).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`))
  })

  test('what one process tells, another one hears, or hears that there is something', async () => {
    const url = await databases.newUrl(engine)
    const [one, other] = [await databases.open(url), await databases.open(url)]
    const heard: (string | undefined)[] = []
    const signal = new AbortController()
    other.listen('locks', (text) => heard.push(text), signal.signal)
    await expect
      .poll(
        async () => {
          await one.run('CREATE TABLE IF NOT EXISTS t (x BIGINT)')
          await one.run('INSERT INTO t VALUES (1)')
          await one.notify('locks', 'lock_1')
          return heard.includes(engine === 'postgres' ? 'lock_1' : undefined)
        },
        { timeout: 5_000 },
      )
      .toBe(true)
    signal.abort()
  })

  test('also what is written at once after it was opened', async () => {
    const url = await databases.newUrl(engine)
    const one = await databases.open(url)
    await one.run('CREATE TABLE t (x BIGINT)')
    const other = await databases.open(url)
    let heard = 0
    const signal = new AbortController()
    other.listen('locks', () => (heard += 1), signal.signal)
    await other.all('SELECT x FROM t')
    await one.run('INSERT INTO t VALUES (1)')
    await one.notify('locks', 'lock_1')
    // Of PostgreSQL, whoever begins to listen is told to look.
    await expect.poll(() => heard).toBeGreaterThan(0)
    signal.abort()
  })

  test('tables of a newer version are not touched', async () => {
    const url = await databases.newUrl(engine)
    const database = await databases.open(url)
    await database.run("INSERT INTO migrations VALUES (9999, 'of tomorrow', 0)")
    await expect(openDatabase(url, systemClock)).rejects.toThrow(UnusableDatabase)
  })
})

test('the file of SQLite and those beside it are readable by their owner alone', async () => {
  const url = await databases.newUrl('sqlite')
  const path = url.slice('sqlite:'.length)
  await (await databases.open(url)).run('CREATE TABLE t (x BIGINT)')
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a server that is killed is away, says so without its address, and is back by itself', async () => {
  const url = await databases.newUrl('postgres')
  const database = await databases.open(url)
  await database.run('CREATE TABLE t (x BIGINT)')
  await databases.server().kill()
  await expect(database.run('INSERT INTO t VALUES (1)')).rejects.toThrow()
  expect(database.problem()).toMatch(/^database: /)
  expect(database.problem()).not.toContain(String(databases.server().port))
  await expect(openDatabase(url, systemClock)).rejects.toThrow()
  await databases.server().start()
  await expect.poll(() => database.problem()).toBeUndefined()
  expect(await database.run('INSERT INTO t VALUES (1)')).toBe(1)
})

describe('a thread of SQLite that dies', () => {
  /** The database, and its threads as they are made. */
  async function withThreads(): Promise<{ database: Database; threads: Worker[] }> {
    const threads: Worker[] = []
    const note = (thread: Worker) => threads.push(thread)
    process.on('worker', note)
    onTestFinished(() => void process.off('worker', note))
    return { ...(await withTable('sqlite')), threads }
  }

  test('is told as a fault of the database, and another one takes its place', async () => {
    const { database, threads } = await withThreads()
    await threads[0]?.terminate()
    await expect(database.run("INSERT INTO things (id) VALUES ('a')")).rejects.toThrow(DatabaseAway)
    expect(database.problem()).toBe('database: SQLITE_THREAD: its thread has died')
    await expect.poll(() => database.problem()).toBeUndefined()
    await database.run("INSERT INTO things (id) VALUES ('b')")
    expect(await database.all('SELECT id FROM things')).toEqual([{ id: 'b' }])
  })

  test('is told too where it scans, and the next scan has another one', async () => {
    const { database, threads } = await withThreads()
    const scan = () => database.scan('SELECT id FROM things')
    await scan()
    expect(threads).toHaveLength(2)
    void threads[1]?.terminate()
    await expect(scan()).rejects.toThrow(DatabaseAway)
    expect(database.problem()).toMatch(/^database: /)
    expect(await scan()).toEqual([])
  })

  test('is not made anew by whoever scans after the end', async () => {
    const { database, threads } = await withThreads()
    await database.close()
    await expect(database.scan('SELECT 1')).rejects.toThrow('the database is closed')
    expect(database.problem()).toBeUndefined()
    expect(threads).toHaveLength(1)
  })
})

test('a database that will never answer is told as that', async () => {
  const nowhere = (await databases.newUrl('postgres')).replace(/bridge_\d+$/, 'nowhere')
  await expect(openDatabase(nowhere, systemClock)).rejects.toThrow(UnusableDatabase)
})
