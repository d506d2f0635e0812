import pg from 'pg'
import type { Clock } from '../../lib/clock.ts'
import {
  AlreadyThere,
  type Database,
  DatabaseAway,
  type Row,
  type Sql,
  type SqlValue,
  type Topic,
  type Until,
  UnusableDatabase,
  type Urgent,
} from './database.ts'
import { Notices } from './notices.ts'
import { channelOf, hear } from './postgres-ear.ts'
import { RETRY_MS, shortFault, statementName } from './statement.ts'

const INT8 = 20
const MAX_CONNECTIONS = 10
const MAX_SCANNING = 2
/** For what is done first: one may wait for the row of another instance. */
const MAX_FIRST = 2
/** To connect, and to wait for a connection that others hold. */
const CONNECT_MS = 5_000
/** Longer than any statement that a call waits for; a server that hangs must not hold it for ever. */
const STATEMENT_MS = 10_000
const SCAN_MS = 300_000
/** To see whether it is there. */
const PROBE_MS = 3_000
/** What the server does not end in time, because it hangs itself, is ended here. */
const GRACE_MS = 2_000

const UNIQUE_VIOLATION = '23505'
const TOO_MANY = '53300'
/** Who asks is not let in, or not to these tables; or the server is not who it says it is. */
const NEVER_WORKS = /^(28...|3D000|42501|.*CERT.*|.*SIGNATURE.*)$/

/**
 * PostgreSQL by connection string. A statement takes ten seconds at most, a scan five minutes. While the server cannot be reached all
 * reject at once, `problem` says why, and it is tried again each second.
 *
 * @throws UnusableDatabase when the server answers that this user, password or database will never do.
 */
export async function openPostgres(url: string, clock: Clock): Promise<Database> {
  const database = new Postgres(url, clock)
  await database.begin()
  return database
}

class Postgres implements Database {
  readonly engine = 'postgres'
  readonly first: Urgent
  readonly #pool: pg.Pool
  readonly #first: pg.Pool
  readonly #scanning: pg.Pool
  readonly #url: string
  readonly #clock: Clock
  readonly #notices = new Notices()
  readonly #closing = new AbortController()
  #problem: string | undefined

  constructor(url: string, clock: Clock) {
    this.#url = url
    this.#clock = clock
    this.#pool = poolOf(url, MAX_CONNECTIONS, STATEMENT_MS)
    this.#first = poolOf(url, MAX_FIRST, STATEMENT_MS)
    this.first = {
      all: (text, ...values) => this.#all(this.#first, text, values),
      run: (text, ...values) => this.#run(this.#first, text, values),
      transaction: (work) => this.#transaction(this.#first, work, 'durable'),
    }
    this.#scanning = poolOf(url, MAX_SCANNING, SCAN_MS)
  }

  /** Tells a configuration that can never work from a server that is away. */
  async begin(): Promise<void> {
    try {
      await this.#pool.query('SELECT 1')
    } catch (cause) {
      if (NEVER_WORKS.test(String(codeOf(cause)))) {
        await this.close()
        throw new UnusableDatabase(`PostgreSQL refuses: ${(cause as Error).message}`, { cause })
      }
      this.#isAway(cause)
    }
    const { signal } = this.#closing
    const heard = {
      notices: this.#notices,
      away: (cause: unknown) => void this.#lookAgain(cause),
    }
    void hear(connection(this.#url, STATEMENT_MS), this.#clock, heard, signal)
  }

  all<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]> {
    return this.#all(this.#pool, text, values)
  }

  scan<R = Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly R[]> {
    return this.#all(this.#scanning, text, values)
  }

  run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    return this.#run(this.#pool, text, values)
  }

  transaction<T>(work: (sql: Sql) => Promise<T>, until: Until = 'durable'): Promise<T> {
    return this.#transaction(this.#pool, work, until)
  }

  async #all<R>(pool: pg.Pool, text: string, values: readonly SqlValue[]): Promise<readonly R[]> {
    return (await this.#noticing(() => ask(pool, text, values))).rows as R[]
  }

  async #run(pool: pg.Pool, text: string, values: readonly SqlValue[]): Promise<number> {
    return (await this.#noticing(() => ask(pool, text, values))).rowCount ?? 0
  }

  async #transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>, until: Until): Promise<T> {
    const client = await this.#noticing(() => pool.connect())
    // A connection that is lost while it is held would end the process.
    const onLost = () => undefined
    client.on('error', onLost)
    let isLost = false
    const on = async (statement: string, values: readonly SqlValue[] = []) => {
      try {
        return await this.#noticing(() => ask(client, statement, values))
      } catch (cause) {
        isLost ||= cause instanceof DatabaseAway
        throw cause
      }
    }
    const sql: Sql = {
      all: async (text, ...values) => (await on(text, values)).rows as never,
      run: async (text, ...values) => (await on(text, values)).rowCount ?? 0,
    }
    try {
      await on('BEGIN')
      if (until === 'written') await on('SET LOCAL synchronous_commit = off')
      const result = await work(sql)
      await on('COMMIT')
      return result
    } catch (cause) {
      // Of a connection that is lost, or does not answer, the server rolls back by itself.
      isLost ||= await client.query('ROLLBACK').then(
        () => false,
        () => true,
      )
      throw cause
    } finally {
      client.off('error', onLost)
      client.release(isLost)
    }
  }

  async notify(topic: Topic, text: string): Promise<void> {
    await this.first.run('SELECT pg_notify($1, $2)', channelOf(topic), text).catch(() => undefined)
  }

  listen(topic: Topic, onNotice: (text: string | undefined) => void, signal: AbortSignal): void {
    this.#notices.listen(topic, onNotice, signal)
  }

  problem(): string | undefined {
    return this.#problem
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([this.#pool, this.#first, this.#scanning].map((pool) => pool.end()))
  }

  /** A server that is known to be away is not waited for: calls would pile up. */
  async #noticing<T>(work: () => Promise<T>): Promise<T> {
    if (this.#problem !== undefined) throw new DatabaseAway(this.#problem)
    try {
      return await work()
    } catch (cause) {
      if (isAway(cause)) {
        this.#isAway(cause)
        throw new DatabaseAway(`database: ${shortFault(cause)}`, { cause })
      }
      if (codeOf(cause) === UNIQUE_VIOLATION) throw new AlreadyThere((cause as Error).message, { cause })
      throw cause
    }
  }

  /** Who hears nothing, because the process was held up or there are too many connections, may still be able to read and write. */
  async #lookAgain(cause: unknown): Promise<void> {
    if (codeOf(cause) === TOO_MANY || this.#problem !== undefined) return
    const probe = { text: 'SELECT 1', query_timeout: PROBE_MS }
    await this.#pool.query(probe).catch((fault: unknown) => this.#isAway(fault))
  }

  #isAway(cause: unknown): void {
    if (this.#problem !== undefined || this.#closing.signal.aborted) return
    this.#problem = `database: ${shortFault(cause)}`
    void this.#recover()
  }

  async #recover(): Promise<void> {
    while (this.#problem !== undefined && !this.#closing.signal.aborted) {
      await this.#clock.sleep(RETRY_MS, this.#closing.signal).catch(() => undefined)
      if (this.#closing.signal.aborted) return
      await this.#pool.query('SELECT 1').then(
        () => {
          this.#problem = undefined
        },
        () => undefined,
      )
    }
  }
}

function poolOf(url: string, max: number, statementMs: number): pg.Pool {
  const pool = new pg.Pool({ ...connection(url, statementMs), max, idleTimeoutMillis: 60_000 })
  // An idle connection that the server ends: the next statement opens another.
  pool.on('error', () => undefined)
  return pool
}

function ask(on: pg.Pool | pg.PoolClient, text: string, values: readonly SqlValue[]) {
  return on.query({ name: statementName(text), text, values: values as unknown[] })
}

function connection(connectionString: string, statementMs: number): pg.ClientConfig {
  return {
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: statementMs + GRACE_MS,
    statement_timeout: statementMs,
    application_name: 'ssh-mcp-bridge',
    keepAlive: true,
    types: {
      getTypeParser: (id, format) => (id === INT8 ? Number : pg.types.getTypeParser(id, format as 'text')),
    },
  }
}

/** No answer, or one that says: not now. What is wrong with the statement itself is no fault of the server. */
function isAway(cause: unknown): boolean {
  const code = codeOf(cause)
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return /^(08|28|3D|53|57P|58|25006)/.test(code)
  const { message } = cause as { message?: unknown }
  return typeof code === 'string' || /timeout|terminated|closed|Connection/i.test(String(message))
}

function codeOf(cause: unknown): unknown {
  return (cause as { code?: unknown }).code
}
