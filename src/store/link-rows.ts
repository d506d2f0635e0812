import type { Call } from '../domain/call.ts'
import { principalKey } from '../domain/principal.ts'
import type { EndedLink, KeptLink, LinkProgress, LinkStore, TransferDirection } from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import type { Writer } from './audit-append.ts'
import type { Database } from './sql/database.ts'
import { readTagged, taggedText } from './tagged-json.ts'

interface Row {
  readonly id: string
  readonly rule: string
  readonly direction: string
  readonly call: string
  readonly expires_at: number
  readonly has_part: number
}

const COLUMNS = 'id, rule, direction, call, expires_at, has_part'

/** Links in the database. A use is a mark in the row: it ends with the use, or with the instance that it is in. */
export class LinkRows implements LinkStore {
  readonly #database: Database
  readonly #me: Writer
  readonly #clock: Clock
  /** The uses of this instance. */
  readonly #uses = new Set<string>()

  constructor(database: Database, me: Writer, clock: Clock) {
    this.#database = database
    this.#me = me
    this.#clock = clock
  }

  async add(
    { key, call, rule, direction, expiresAt }: KeptLink,
    most: number,
  ): Promise<readonly EndedLink[]> {
    const owner = principalKey(call.principal)
    return this.#database.transaction(async (sql) => {
      await sql.run(
        'INSERT INTO transfer_links (id, owner, rule, direction, call, expires_at, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        key,
        owner,
        rule,
        direction,
        taggedText(call),
        expiresAt.getTime(),
        this.#nowMs(),
      )
      const rows = await sql.all<Row>(
        `DELETE FROM transfer_links WHERE owner = $1 AND id NOT IN
           (SELECT id FROM transfer_links WHERE owner = $1 ORDER BY made_at DESC, id LIMIT $2) RETURNING ${COLUMNS}`,
        owner,
        most,
      )
      return ended(rows)
    })
  }

  async find(key: string): Promise<KeptLink | undefined> {
    const [row] = await this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM transfer_links WHERE id = $1 AND expires_at > $2`,
      key,
      this.#nowMs(),
    )
    return row && ended([row])[0]
  }

  async all(): Promise<readonly KeptLink[]> {
    return ended(await this.#database.all<Row>(`SELECT ${COLUMNS} FROM transfer_links`))
  }

  async hold(key: string, use: string): Promise<LinkProgress | 'held' | 'gone'> {
    const [row] = await this.#database.all<{ delivered: number; sent: number; has_part: number }>(
      // What this instance holds is over, though that could not be written: it has one use of a link at a time.
      // guard: links-in-one-use
      `UPDATE transfer_links SET used_by = $2, use_id = $3, wished = 0 WHERE id = $1 AND expires_at > $4
       AND (used_by IS NULL OR used_by = $2 OR NOT EXISTS
         (SELECT 1 FROM instances WHERE instances.id = transfer_links.used_by AND instances.ended_at IS NULL))
       RETURNING delivered, sent, has_part`,
      key,
      this.#me.id,
      use,
      this.#nowMs(),
    )
    if (row !== undefined) this.#uses.add(use)
    if (row !== undefined)
      return { deliveredBytes: row.delivered, sentBytes: row.sent, hasPart: row.has_part === 1 }
    const asked = await this.#database.run(
      'UPDATE transfer_links SET wished = 1 WHERE id = $1 AND expires_at > $2',
      key,
      this.#nowMs(),
    )
    if (asked === 0) return 'gone'
    await this.#database.notify('links', key)
    return 'held'
  }

  async isHeld(key: string, use: string): Promise<boolean> {
    const rows = await this.#database.all(
      'SELECT id FROM transfer_links WHERE id = $1 AND use_id = $2',
      key,
      use,
    )
    return rows.length > 0
  }

  async release(
    key: string,
    use: string,
    { deliveredBytes, sentBytes, hasPart }: LinkProgress,
  ): Promise<void> {
    await this.#database.run(
      `UPDATE transfer_links SET used_by = NULL, use_id = NULL, wished = 0, delivered = $3, sent = $4, has_part = $5
       WHERE id = $1 AND use_id = $2`,
      key,
      use,
      deliveredBytes,
      sentBytes,
      hasPart ? 1 : 0,
    )
    this.#uses.delete(use)
  }

  async remove(key: string, use?: string): Promise<EndedLink | undefined> {
    // guard: links-end-once
    const [condition, values] = use === undefined ? ['', []] : ['AND use_id = $2', [use]]
    const [row] = await this.#database.all<Row>(
      `DELETE FROM transfer_links WHERE id = $1 ${condition} RETURNING ${COLUMNS}`,
      key,
      ...values,
    )
    if (use !== undefined) this.#uses.delete(use)
    return row && ended([row])[0]
  }

  async removeExpired(): Promise<readonly EndedLink[]> {
    return ended(
      await this.#database.all<Row>(
        `DELETE FROM transfer_links WHERE expires_at <= $1 RETURNING ${COLUMNS}`,
        this.#nowMs(),
      ),
    )
  }

  follow(onWished: (key: string) => void, signal: AbortSignal): void {
    const look = async () => {
      // Every change of the database may be told as one of these.
      if (this.#uses.size === 0) return
      const rows = await this.#database.all<{ id: string }>(
        'SELECT id FROM transfer_links WHERE used_by = $1 AND wished = 1',
        this.#me.id,
      )
      for (const { id } of rows) onWished(id)
    }
    this.#database.listen('links', () => void look().catch(() => undefined), signal)
  }

  #nowMs(): number {
    return this.#clock.now().getTime()
  }
}

function ended(rows: readonly Row[]): EndedLink[] {
  return rows.map(({ id, rule, direction, call, expires_at, has_part }) => ({
    key: id,
    rule,
    direction: direction as TransferDirection,
    call: readTagged(call) as Call,
    expiresAt: new Date(expires_at),
    hasPart: has_part === 1,
  }))
}
