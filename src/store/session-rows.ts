import { type HostName, isHostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type {
  HeldSession,
  SavedSession,
  SessionPlace,
  SessionStore,
  SessionTerms,
} from '../domain/session.ts'
import type { Writer } from './audit-append.ts'
import { finite, objectOf, text } from './exact-shape.ts'
import { AlreadyThere, type Database } from './sql/database.ts'
import { exclusively } from './sql/exclusive.ts'

interface SessionRow {
  readonly id: string
  readonly owner: string
  readonly host: string
  readonly created_at: number
  readonly last_used_at: number
  readonly record: string
  readonly state: string | null
}

type Rest = Pick<SavedSession, 'name' | 'shell' | 'workingDirectory' | 'commands'>

const COLUMNS = 'id, owner, host, created_at, last_used_at, record, state'

// guard: own-sessions
const OWN = 'owner = $1 AND host = $2'

/** @param now the parameter that is this moment. */
const isFree = (now: string) =>
  `(held_by IS NULL OR held_until < ${now} OR NOT EXISTS (SELECT 1 FROM instances WHERE id = held_by AND ended_at IS NULL))`

const rest = objectOf<Rest>({ shell: text, workingDirectory: text, commands: finite }, { name: text })

/** Sessions in the database. A hold is a mark in the row: it ends with the call, or with the instance that the call is in. */
export class SessionRows implements SessionStore {
  readonly #database: Database
  readonly #me: Writer
  readonly #log: Log
  /** Those that calls of this instance are in, and until when. */
  readonly #held = new Map<string, number>()

  constructor(database: Database, me: Writer, log: Log) {
    this.#database = database
    this.#me = me
    this.#log = log
  }

  async find(place: SessionPlace, usedAfter: Date): Promise<SavedSession | undefined> {
    const { owner, host } = place
    const { column, value } = keyOf(place)
    const [row] = await this.#database.all<SessionRow>(
      `SELECT ${COLUMNS} FROM sessions WHERE ${OWN} AND ${column} = $3 AND (last_used_at > $4 OR held_by IS NOT NULL)`,
      owner,
      host,
      value,
      usedAfter.getTime(),
    )
    return row && this.#read(row)
  }

  async list(owner: string, usedAfter: Date): Promise<readonly SavedSession[]> {
    const rows = await this.#database.all<SessionRow>(
      `SELECT ${COLUMNS} FROM sessions WHERE owner = $1 AND (last_used_at > $2 OR held_by IS NOT NULL) ORDER BY created_at, id`,
      owner,
      usedAfter.getTime(),
    )
    const read = await Promise.all(rows.map((row) => this.#read(row)))
    return read.filter((session) => session !== undefined)
  }

  async hold(place: SessionPlace, terms: SessionTerms): Promise<HeldSession | 'busy' | 'none'> {
    const { owner, host } = place
    const { now, usedAfter, until } = terms
    const { column, value } = keyOf(place)
    const [row] = await this.#database.all<SessionRow>(
      `UPDATE sessions SET held_by = $4, held_until = $5
       WHERE ${OWN} AND ${column} = $3 AND last_used_at > $6 AND ${isFree('$7')} RETURNING ${COLUMNS}`,
      owner,
      host,
      value,
      this.#me.id,
      until.getTime(),
      usedAfter.getTime(),
      now.getTime(),
    )
    if (row === undefined) return (await this.#isThere(place, terms)) ? 'busy' : 'none'
    this.#held.set(row.id, until.getTime())
    const session = await this.#read(row)
    return session === undefined ? 'none' : { session, until }
  }

  async add(
    session: SavedSession,
    place: SessionPlace,
    { now, usedAfter, until }: SessionTerms,
    most: number,
  ): Promise<HeldSession | 'busy' | 'full'> {
    const { id, owner, host } = session
    try {
      // Of several that are made at once each is counted by the next.
      const added = await exclusively(this.#database, 'sessions', async (sql) => {
        await sql.run(
          `DELETE FROM sessions WHERE ${OWN} AND last_used_at <= $3 AND ${isFree('$4')}`,
          owner,
          host,
          usedAfter.getTime(),
          now.getTime(),
        )
        return sql.run(
          `INSERT INTO sessions (id, owner, host, slot, created_at, last_used_at, held_by, held_until, record)
           SELECT $3, $1, $2, $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7, CAST($8 AS BIGINT), $9
           WHERE (SELECT COUNT(*) FROM sessions WHERE ${OWN}) < $10`,
          owner,
          host,
          id,
          keyOf(place).value,
          session.createdAt.getTime(),
          session.lastUsedAt.getTime(),
          this.#me.id,
          until.getTime(),
          recordOf(session),
          most,
        )
      })
      if (added === 0) return 'full'
    } catch (cause) {
      if (cause instanceof AlreadyThere) return 'busy'
      throw cause
    }
    this.#held.set(id, until.getTime())
    return { session, until }
  }

  async save({ until }: HeldSession, session: SavedSession): Promise<boolean> {
    if (this.#held.get(session.id) === until.getTime()) this.#held.delete(session.id)
    const saved = await this.#database.run(
      `UPDATE sessions SET held_by = NULL, held_until = NULL, last_used_at = $4, record = $5, state = $6
       WHERE id = $1 AND held_by = $2 AND held_until = $3`,
      session.id,
      this.#me.id,
      until.getTime(),
      session.lastUsedAt.getTime(),
      recordOf(session),
      session.state ?? null,
    )
    return saved > 0
  }

  async remove(id: string): Promise<boolean> {
    this.#held.delete(id)
    return (await this.#database.run('DELETE FROM sessions WHERE id = $1', id)) > 0
  }

  async sweep(usedAfter: Date, now: Date): Promise<void> {
    await this.#database.run(
      `DELETE FROM sessions WHERE last_used_at <= $1 AND ${isFree('$2')}`,
      usedAfter.getTime(),
      now.getTime(),
    )
  }

  async keepOnly(mayStay: (host: HostName) => boolean): Promise<void> {
    const hosts = await this.#database.all<{ host: string }>('SELECT DISTINCT host FROM sessions')
    for (const { host } of hosts)
      if (!isHostName(host) || !mayStay(host))
        await this.#database.run('DELETE FROM sessions WHERE host = $1', host)
  }

  /** Of a session that could not be held: whether it is because a call is in it. */
  async #isThere(place: SessionPlace, { now, usedAfter }: SessionTerms): Promise<boolean> {
    const { column, value } = keyOf(place)
    const [row] = await this.#database.all<{
      id: string
      last_used_at: number
      held_by: string | null
      held_until: number | null
    }>(
      `SELECT id, last_used_at, held_by, held_until FROM sessions WHERE ${OWN} AND ${column} = $3`,
      place.owner,
      place.host,
      value,
    )
    if (row === undefined) return false
    // A hold of ours that could not be ended when its call did.
    if (row.held_by === this.#me.id && this.#held.get(row.id) !== row.held_until)
      await this.#database.run(
        'UPDATE sessions SET held_by = NULL, held_until = NULL WHERE id = $1 AND held_by = $2 AND held_until = $3',
        row.id,
        this.#me.id,
        row.held_until,
      )
    if (row.last_used_at > usedAfter.getTime()) return true
    const isOver = await this.#database.run(
      `DELETE FROM sessions WHERE id = $1 AND last_used_at <= $2 AND ${isFree('$3')}`,
      row.id,
      usedAfter.getTime(),
      now.getTime(),
    )
    return isOver === 0
  }

  async #read(row: SessionRow): Promise<SavedSession | undefined> {
    try {
      if (!isHostName(row.host)) throw new TypeError('not a host')
      const { id, owner, host, state } = row
      return {
        ...{ id, owner, host },
        ...rest(JSON.parse(row.record)),
        createdAt: new Date(row.created_at),
        lastUsedAt: new Date(row.last_used_at),
        ...(state !== null && { state }),
      }
    } catch {
      this.#log.warn('a saved session is damaged and was dropped', { session: row.id })
      await this.remove(row.id)
      return undefined
    }
  }
}

/** The default one is in the slot '', and one that has neither a name nor is the default is known by its id alone. */
function keyOf({ id, name }: SessionPlace): { readonly column: 'id' | 'slot'; readonly value: string } {
  if (id !== undefined) return { column: 'id', value: id }
  return { column: 'slot', value: name === undefined ? '' : `=${JSON.stringify(name)}` }
}

function recordOf({ name, shell, workingDirectory, commands }: SavedSession): string {
  return JSON.stringify({
    ...(name !== undefined && { name }),
    shell,
    workingDirectory,
    commands,
  } satisfies Rest)
}

/** Those that are kept, of everybody. */
export async function countSessions(database: Database): Promise<number> {
  const [row] = await database.all<{ count: number }>('SELECT COUNT(*) AS count FROM sessions')
  return Number(row?.count ?? 0)
}
