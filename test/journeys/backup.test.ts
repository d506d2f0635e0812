import { existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import LibSql from 'libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeForgotten } from '../kit/close-forgotten.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { type Home, makeHome, type Product, startProduct } from '../kit/product.ts'
import { runCli } from '../kit/run-cli.ts'

const YAML = 'server: {enable_http: true, port: 0}\nhosts: []\n'

let home: Home
let product: Product | undefined
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
  home = await makeHome()
  home.configure(YAML)
})

afterAll(async () => {
  await product?.stop()
  await home?.remove()
  await postgres?.stop()
})

const path = (name: string) => join(home.directory, name)
async function cli(...args: string[]) {
  await closeForgotten()
  return runCli(...args, '--config', home.configPath)
}

async function start(): Promise<void> {
  product = await startProduct(home)
}

async function stop(): Promise<void> {
  await product?.stop()
  product = undefined
}

describe('SQLite', () => {
  const database = () => path('state/bridge.db')

  test('what is backed up while the bridge runs is there again after the database is lost, and the bridge goes on', async () => {
    await start()
    expect(await cli('locks', 'add', '--client', 'before')).toMatchObject({ code: 0 })
    const running = new LibSql(database())
    running.exec("INSERT INTO grants VALUES ('grant_then', 'o', 0, 9000000000000, '{}')")
    running.exec("INSERT INTO approvals VALUES ('cmd_then', 1, 'o', 'a', 'waiting', NULL, NULL, 0, '{}')")
    running.close()
    const backedUp = await cli('backup', path('one.backup'))
    expect(backedUp).toMatchObject({ code: 0, err: expect.stringContaining('Not in it') })
    expect(statSync(path('one.backup')).mode & 0o777).toBe(0o600)
    const records = home.auditRecords().length
    expect(await cli('locks', 'add', '--client', 'after')).toMatchObject({ code: 0 })

    const early = await cli('restore', path('one.backup'))
    expect(early).toMatchObject({ code: 2, err: expect.stringContaining('stop it first') })
    await stop()
    await closeForgotten()
    for (const end of ['', '-wal', '-shm']) rmSync(database() + end, { force: true })
    const restored = await cli('restore', path('one.backup'))
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('Restored: ') })
    expect(statSync(database()).mode & 0o777).toBe(0o600)
    // What somebody said yes to then may be used up or taken back since.
    const then = new LibSql(database(), { readonly: true })
    expect(then.prepare('SELECT id FROM grants UNION ALL SELECT id FROM approvals').all()).toEqual([])
    then.close()

    await start()
    expect((await cli('locks', 'list')).out).toContain('before')
    expect((await cli('locks', 'list')).out).not.toContain('after')
    const after = home.auditRecords()
    expect(after.length).toBeGreaterThan(records)
    expect(after.at(-1)).toMatchObject({ type: 'bridge.started' })
    expect(await cli('audit', 'verify')).toMatchObject({ code: 0 })
    await stop()
  })

  test('what is there is replaced by nothing: neither a file by a backup, nor the old database by a new one', async () => {
    expect(await cli('locks', 'add', '--client', 'second')).toMatchObject({ code: 0 })
    expect(await cli('backup', path('two.backup'))).toMatchObject({ code: 0 })
    writeFileSync(path('mine'), 'mine')
    const taken = await cli('backup', path('mine'))
    expect(taken).toMatchObject({ code: 2, err: expect.stringContaining('is there already') })
    const nowhere = await cli('backup', path('no/where'))
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('its directory is not there') })
    expect(await cli('locks', 'add', '--client', 'third')).toMatchObject({ code: 0 })
    const restored = await cli('restore', path('two.backup'), '--json')
    const { before } = JSON.parse(restored.out) as { before: string }
    const old = new LibSql(before)
    const [row] = old.prepare('SELECT known FROM locks').all() as { known: string }[]
    old.close()
    expect(row?.known).toContain('third')
    const kept = (await cli('locks', 'list')).out
    expect(kept).toContain('second')
    expect(kept).not.toContain('third')
    expect(readdirSync(path('state')).filter((name) => name.includes('restoring'))).toEqual([])
  })

  test('what is no whole backup changes nothing, and says why', async () => {
    expect(await cli('locks', 'add', '--client', 'fourth')).toMatchObject({ code: 0 })
    const untouched = statSync(database()).ino
    writeFileSync(path('text'), 'not a database at all, but long enough to be taken for one '.repeat(20))
    const other = new LibSql(path('other.db'))
    other.exec('CREATE TABLE t (x)')
    other.close()
    const newer = new LibSql(path('newer.backup'))
    newer.exec(
      'CREATE TABLE migrations (version INTEGER); INSERT INTO migrations VALUES (9999); CREATE TABLE audit (x)',
    )
    newer.close()
    expect(await cli('backup', path('half.backup'))).toMatchObject({ code: 0 })
    truncateSync(path('half.backup'), Math.floor(statSync(path('half.backup')).size / 8192) * 4096)
    expect(await cli('backup', path('changed.backup'))).toMatchObject({ code: 0 })
    const changed = new LibSql(path('changed.backup'))
    changed.exec('CREATE TABLE odd (x); INSERT INTO odd VALUES (NULL); PRAGMA writable_schema=ON')
    changed.exec("UPDATE sqlite_master SET sql = 'CREATE TABLE odd (x NOT NULL)' WHERE name = 'odd'")
    changed.close()
    for (const [name, why] of [
      ['nothing', 'there is no file'],
      ['text', 'no database'],
      ['other.db', 'no database of a bridge'],
      ['newer.backup', 'a newer version'],
      ['half.backup', 'damaged|no database'],
      ['changed.backup', 'it is damaged: NULL value in odd'],
    ] as const) {
      const { code, err } = await cli('restore', path(name))
      expect([name, code, err]).toEqual([name, 2, expect.stringMatching(why)])
    }
    expect(statSync(database()).ino).toBe(untouched)
  })
})

test('PostgreSQL is backed up by its own program, and restored into an empty database alone', async () => {
  const [url, empty] = [await postgres.database(), await postgres.database()]
  const configure = (to: string) => home.configure(YAML, to)
  configure(url)
  expect(await cli('locks', 'add', '--client', 'kept')).toMatchObject({ code: 0 })
  expect(await cli('backup', path('pg.backup'))).toMatchObject({ code: 0 })
  expect(statSync(path('pg.backup')).mode & 0o777).toBe(0o600)
  expect(await cli('restore', path('pg.backup'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('not empty'),
  })
  configure(empty)
  expect(await cli('restore', path('pg.backup'))).toMatchObject({ code: 0 })
  expect((await cli('locks', 'list')).out).toContain('kept')
  expect(existsSync(path('pg.backup'))).toBe(true)
})
