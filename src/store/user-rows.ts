import type { Log } from '../domain/log.ts'
import { isUserId, type User, type UserChange, type UserEvent, type UserStore } from '../domain/user.ts'
import { appendWithin, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import type { Database, Sql } from './sql/database.ts'
import { exclusively } from './sql/exclusive.ts'
import { parseUser, userText } from './user-record.ts'

interface Row {
  readonly id: string
  readonly record: string
}

/**
 * Users, a row each; all processes that share the database change them, one at a time. A row that is damaged is nobody, with a warning: who
 * stood in it cannot sign in. What the command line did is on record with the change itself, or neither is.
 */
export class UserRows implements UserStore {
  readonly #database: Database
  readonly #log: Pick<Log, 'warn'>
  readonly #writer: (() => Promise<Writer>) | undefined

  /** Without a `writer` it puts nothing on record. */
  constructor(database: Database, log: Pick<Log, 'warn'>, writer?: () => Promise<Writer>) {
    this.#database = database
    this.#log = log
    this.#writer = writer
  }

  list(): Promise<readonly User[]> {
    return this.#listIn(this.#database)
  }

  async find(id: string): Promise<User | undefined> {
    if (!isUserId(id)) return undefined
    const [row] = await this.#database.all<Row>('SELECT id, record FROM users WHERE id = $1', id)
    return row && this.#read(row)
  }

  async change(edit: (users: readonly User[]) => UserChange | undefined): Promise<void> {
    const writer = await this.#writer?.()
    await exclusively(this.#database, 'users', async (sql) => {
      const change = edit(await this.#listIn(sql))
      if (change === undefined) return
      if ('removed' in change) await sql.run('DELETE FROM users WHERE id = $1', change.removed.id)
      else await save(sql, change.saved)
      if (change.event !== undefined && writer !== undefined) await this.#record(sql, writer, change.event)
    })
  }

  async #listIn(sql: Sql): Promise<readonly User[]> {
    const rows = await sql.all<Row>('SELECT id, record FROM users')
    return rows
      .map((row) => this.#read(row))
      .filter((user) => user !== undefined)
      .sort((one, other) => (one.username < other.username ? -1 : 1))
  }

  #read({ id, record }: Row): User | undefined {
    try {
      const user = parseUser(record)
      if (user.id === id) return user
    } catch {
      // Not what the bridge writes: told below. What stands in it may be a secret.
    }
    this.#log.warn('a saved user is damaged and was left out', { user: id })
    return undefined
  }

  #record(sql: Sql, writer: Writer, event: UserEvent): Promise<void> {
    return appendWithin(sql, this.#database.engine, writer, [auditRow(event)])
  }
}

/** @throws TypeError for what is no user: nobody could find it again. */
async function save(sql: Sql, user: User): Promise<void> {
  if (!isUserId(user.id)) throw new TypeError('not the id of a user')
  await sql.run(
    `INSERT INTO users (id, username, record) VALUES ($1, $2, $3)
      ON CONFLICT (id) DO UPDATE SET username = excluded.username, record = excluded.record`,
    user.id,
    user.username,
    userText(user),
  )
}
