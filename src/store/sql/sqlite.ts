import { chownSync, closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { makeOwnedDirectory, ownerFor } from '../file-owner.ts'
import {
  AlreadyThere,
  type Database,
  DatabaseAway,
  type Row,
  type Sql,
  type SqlValue,
  type Topic,
  type Until,
  type Urgent,
} from './database.ts'
import { Notices } from './notices.ts'
import { SqliteThread } from './sqlite-thread.ts'
import { RETRY_MS, shortFault, sqliteText } from './statement.ts'
import { Turns } from './turns.ts'

/** How long another process that writes is waited for. */
const BUSY_MS = 5_000
/** How often it is seen that another process has written. */
const LOOK_MS = 200
/** 16 MiB of write-ahead log: moving it into the file is a sync or two, which long output would do all the time. */
const CHECKPOINT_PAGES = 4_000
/** The next commit that is synced makes durable what unsynced ones before it have written. */
const SYNCED = 'PRAGMA synchronous=FULL'
const UNSYNCED = 'PRAGMA synchronous=NORMAL'

/**
 * SQLite in one file, mode 0600, with write-ahead logging: a commit is on the disk when it resolves (`synchronous=FULL`). One
 * connection does one statement or transaction at a time; what is read first is read beside it, and scans have a thread of their own, made
 * for the first of them.
 *
 * @throws what opening the file throws.
 */
export async function openSqlite(path: string, clock: Clock): Promise<Database> {
  makeOwnedDirectory(dirname(path))
  // SQLite gives the files beside it the same mode, and the same owner.
  closeSync(openSync(path, 'a', 0o600))
  const owner = ownerFor(path)
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
  return new Sqlite(await openMain(path), path, clock)
}

async function openMain(path: string): Promise<SqliteThread> {
  const main = new SqliteThread(path)
  try {
    await main.exec(
      `PRAGMA busy_timeout=${BUSY_MS}; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; ${SYNCED}; PRAGMA foreign_keys=ON`,
    )
    return main
  } catch (cause) {
    await main.close()
    throw cause
  }
}

class Sqlite implements Database {
  readonly engine = 'sqlite'
  readonly first: Urgent = {
    all: (text, ...values) => this.#noticing(allOf(this.#main, text, values, 'read')),
    run: (text, ...values) => this.#inTurn(() => runOn(this.#main, text, values), true),
    transaction: (work) => this.#transaction(work, 'durable', true),
  }
  #main: SqliteThread
  readonly #path: string
  readonly #clock: Clock
  readonly #notices = new Notices()
  readonly #closing = new AbortController()
  #scanning: SqliteThread | undefined
  readonly #turns = new Turns()
  #problem: string | undefined

  constructor(main: SqliteThread, path: string, clock: Clock) {
    this.#main = main
    this.#path = path
    this.#clock = clock
    void this.#watchOthers()
  }

  all<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]> {
    return this.#inTurn(() => allOf<R>(this.#main, text, values))
  }

  run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    return this.#inTurn(() => runOn(this.#main, text, values))
  }

  scan<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error('the database is closed'))
    return this.#noticing(this.#scan<R>(text, values))
  }

  async #scan<R>(text: string, values: readonly SqlValue[]): Promise<readonly R[]> {
    if (this.#scanning === undefined || this.#scanning.hasEnded) {
      this.#scanning = new SqliteThread(this.#path)
      await this.#scanning.exec(`PRAGMA busy_timeout=${BUSY_MS}; PRAGMA query_only=ON`)
    }
    return allOf<R>(this.#scanning, text, values)
  }

  transaction<T>(work: (sql: Sql) => Promise<T>, until: Until = 'durable'): Promise<T> {
    return this.#transaction(work, until, false)
  }

  #transaction<T>(work: (sql: Sql) => Promise<T>, until: Until, isFirst: boolean): Promise<T> {
    const sql: Sql = {
      all: (text, ...values) => allOf(this.#main, text, values),
      run: (text, ...values) => runOn(this.#main, text, values),
    }
    return this.#inTurn(async () => {
      const [before, after] = until === 'durable' ? ['', ''] : [`${UNSYNCED};`, `;${SYNCED}`]
      try {
        await this.#main.exec(`${before}BEGIN IMMEDIATE`)
        const result = await work(sql)
        await this.#main.exec(`COMMIT${after}`)
        return result
      } catch (cause) {
        await this.#main.exec('ROLLBACK').catch(() => undefined)
        if (until !== 'durable') await this.#main.exec(SYNCED)
        throw cause
      }
    }, isFirst)
  }

  async notify(topic: Topic, text: string): Promise<void> {
    this.#notices.tell(topic, text)
  }

  listen(topic: Topic, onNotice: (text: string | undefined) => void, signal: AbortSignal): void {
    this.#notices.listen(topic, onNotice, signal)
  }

  problem(): string | undefined {
    return this.#problem
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#turns.idle()
    await Promise.all([this.#main.close(), this.#scanning?.close()])
  }

  #inTurn<T>(work: () => Promise<T>, isFirst = false): Promise<T> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error('the database is closed'))
    return this.#noticing(this.#turns.take(work, isFirst))
  }

  /** A full or failing disk, and a thread that died, are told until something could be written again. */
  async #noticing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (cause) {
      if (!isAway(cause)) throw cause
      const problem = `database: ${shortFault(cause)}`
      if (this.#problem === undefined) void this.#recover()
      this.#problem ??= problem
      throw new DatabaseAway(problem, { cause })
    }
  }

  async #recover(): Promise<void> {
    do {
      await this.#clock.sleep(RETRY_MS, this.#closing.signal).catch(() => undefined)
      const write = async () => {
        if (this.#closing.signal.aborted) return
        if (this.#main.hasEnded) this.#main = await openMain(this.#path)
        // A write of which nothing is left: the same pages and the same sync as any other.
        await this.#main.exec(
          'PRAGMA wal_checkpoint(PASSIVE); BEGIN IMMEDIATE; CREATE TABLE probe(x); DROP TABLE probe; COMMIT',
        )
      }
      const isWell = await this.#inTurnQuietly(write)
      if (isWell) this.#problem = undefined
    } while (this.#problem !== undefined && !this.#closing.signal.aborted)
  }

  async #inTurnQuietly(work: () => Promise<unknown>): Promise<boolean> {
    return this.#turns.take(async () => {
      const isWell = await work().then(
        () => true,
        () => false,
      )
      if (!isWell) await this.#main.exec('ROLLBACK').catch(() => undefined)
      return isWell
    })
  }

  /** What this process tells is heard at once; of other processes only that one of them has written. */
  async #watchOthers(): Promise<void> {
    // From the first moment on: what is written before the first look counts too.
    let seen = await this.#version()
    while (!this.#closing.signal.aborted) {
      await this.#clock.sleep(LOOK_MS, this.#closing.signal).catch(() => undefined)
      if (this.#closing.signal.aborted) return
      const now = await this.#version()
      if (now !== undefined && now !== seen) this.#notices.tellToLook()
      seen = now ?? seen
    }
  }

  /** Another one after each commit of another connection. */
  async #version(): Promise<number | undefined> {
    const rows = await allOf<{ data_version: number }>(this.#main, 'PRAGMA data_version', []).catch(() => [])
    return rows[0]?.data_version
  }
}

/** @throws AlreadyThere; what SQLite says, with its `code`. */
async function allOf<R>(
  thread: SqliteThread,
  text: string,
  values: readonly SqlValue[],
  kind: 'all' | 'read' = 'all',
): Promise<readonly R[]> {
  const rows = (await thread[kind](sqliteText(text), values).catch(fault)) as Record<string, unknown>[]
  for (const row of rows) giveBuffers(row)
  return rows as R[]
}

/** @throws AlreadyThere; what SQLite says, with its `code`. */
async function runOn(thread: SqliteThread, text: string, values: readonly SqlValue[]): Promise<number> {
  return (await thread.run(sqliteText(text), values).catch(fault)) as number
}

function fault(cause: unknown): never {
  const { code, message } = cause as { code?: string; message?: string }
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE')
    throw new AlreadyThere(message, { cause })
  throw cause
}

function isAway(cause: unknown): boolean {
  const code = String((cause as { code?: unknown }).code)
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY|THREAD)/.test(code)
}

function giveBuffers(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name]
    if (value instanceof ArrayBuffer) row[name] = Buffer.from(value)
  }
}
