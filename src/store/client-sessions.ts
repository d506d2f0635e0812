import { createHash } from 'node:crypto'
import type { ClientSessions, KeptClientSession } from '../domain/client-session.ts'
import type { Clock } from '../lib/clock.ts'
import type { Database } from './sql/database.ts'

/** How exactly it is known when a session was used last. */
const TOUCH_MS = 60_000
/** Longer than any session is kept that nobody uses. */
const FORGET_MS = 7 * 86_400_000

/** Sessions of clients in the database, by the digests of their ids. */
export class ClientSessionRows implements ClientSessions {
  readonly #database: Database
  readonly #clock: Clock
  /** When the uses of a session were noted last. */
  readonly #touched = new Map<string, number>()

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async open({ id, owner, initialize }: KeptClientSession): Promise<void> {
    const now = this.#clock.now().getTime()
    await this.#database.run('DELETE FROM client_sessions WHERE seen_at < $1', now - FORGET_MS)
    await this.#database.run(
      'INSERT INTO client_sessions (id, owner, initialize, seen_at) VALUES ($1, $2, $3, $4)',
      digestOf(id),
      owner,
      initialize,
      now,
    )
    this.#touched.set(id, this.#clock.monotonicMs())
  }

  async find(id: string, owner: string, idleMs: number): Promise<string | undefined> {
    const now = this.#clock.now().getTime()
    const [found] = await this.#database.all<{ initialize: string }>(
      // guard: own-kept-sessions
      'SELECT initialize FROM client_sessions WHERE id = $1 AND owner = $2 AND seen_at > $3',
      digestOf(id),
      owner,
      now - idleMs,
    )
    return found?.initialize
  }

  touch(id: string): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - (this.#touched.get(id) ?? Number.NEGATIVE_INFINITY) < TOUCH_MS) return
    this.#touched.set(id, nowMs)
    this.#database
      .run('UPDATE client_sessions SET seen_at = $1 WHERE id = $2', this.#clock.now().getTime(), digestOf(id))
      .catch(() => undefined)
  }

  async end(id: string): Promise<void> {
    this.#touched.delete(id)
    const digest = digestOf(id)
    if ((await this.#database.run('DELETE FROM client_sessions WHERE id = $1', digest)) > 0)
      await this.#database.notify('sessions', digest)
  }

  follow(ids: () => readonly string[], end: (id: string) => void, signal: AbortSignal): void {
    const look = async () => {
      const here = ids()
      if (here.length === 0) return
      const rows = await this.#database.all<{ id: string }>('SELECT id FROM client_sessions')
      const open = new Set(rows.map((row) => row.id))
      for (const id of here) if (this.#touched.has(id) && !open.has(digestOf(id))) this.#ended(id, end)
    }
    this.#database.listen(
      'sessions',
      (digest) => {
        if (digest === undefined) void look().catch(() => undefined)
        else for (const id of ids()) if (digestOf(id) === digest) this.#ended(id, end)
      },
      signal,
    )
  }

  #ended(id: string, end: (id: string) => void): void {
    this.#touched.delete(id)
    end(id)
  }
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
