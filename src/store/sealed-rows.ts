import type { Log } from '../domain/log.ts'
import type { SealedEntry, SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import type { SealedBox } from './sealed-box.ts'
import type { Database, SqlValue } from './sql/database.ts'

const KIND = /^[a-z]+(?:_[a-z]+)*$/

interface Row {
  readonly name: string
  readonly box: Buffer
  readonly expires_at: number
}

/**
 * Each entry in a row of its own, sealed; its id is there as a keyed digest. When it expires stands in the open, so that it can be swept
 * unopened. A row that cannot be opened (another key, a changed bit, another's place) is as good as none; that it is there is logged once.
 */
export class SealedRows implements SealedState {
  readonly #database: Database
  readonly #box: SealedBox
  readonly #clock: Clock
  readonly #log: Log
  readonly #told = new Set<string>()

  constructor(database: Database, box: SealedBox, clock: Clock, log: Log) {
    this.#database = database
    this.#box = box
    this.#clock = clock
    this.#log = log
  }

  async find(kind: string, id: string): Promise<unknown> {
    const [row] = await this.#database.all<Row>(
      'SELECT name, box, expires_at FROM sealed WHERE kind = $1 AND name = $2',
      kind,
      this.#nameOf(kind, id),
    )
    const entry = row && this.#open(kind, row)
    return entry?.id === id ? entry.value : undefined
  }

  async save(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<void> {
    await this.#database.run(
      `${INSERT} ON CONFLICT (kind, name) DO UPDATE SET
        box = excluded.box, expires_at = excluded.expires_at, written_at = excluded.written_at`,
      ...this.#sealed(kind, id, value, expiresAt),
    )
  }

  async add(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<boolean> {
    const added = await this.#database.run(
      `${INSERT} ON CONFLICT (kind, name) DO UPDATE SET
        box = excluded.box, expires_at = excluded.expires_at, written_at = excluded.written_at
        WHERE sealed.expires_at > 0 AND sealed.expires_at <= excluded.written_at`,
      ...this.#sealed(kind, id, value, expiresAt),
    )
    return added > 0
  }

  async remove(kind: string, id: string): Promise<boolean> {
    const name = this.#nameOf(kind, id)
    return (await this.#database.run('DELETE FROM sealed WHERE kind = $1 AND name = $2', kind, name)) > 0
  }

  async list(kind: string): Promise<readonly SealedEntry[]> {
    const rows = await this.#database.all<Row>(
      'SELECT name, box, expires_at FROM sealed WHERE kind = $1',
      kindOf(kind),
    )
    return rows.map((row) => this.#open(kind, row)).filter((entry) => entry !== undefined)
  }

  async count(kind: string): Promise<number> {
    const [row] = await this.#database.all<{ count: number }>(
      'SELECT COUNT(*) AS count FROM sealed WHERE kind = $1',
      kindOf(kind),
    )
    return row?.count ?? 0
  }

  async trim(kind: string, most: number): Promise<void> {
    await this.#database.run(
      `DELETE FROM sealed WHERE kind = $1 AND written_at < (
        SELECT MIN(written_at) FROM (SELECT written_at FROM sealed WHERE kind = $1 ORDER BY written_at DESC LIMIT $2) AS kept)`,
      kindOf(kind),
      most,
    )
  }

  /** Removes what has expired. */
  async sweep(): Promise<void> {
    await this.#database.run(
      'DELETE FROM sealed WHERE expires_at > 0 AND expires_at <= $1',
      this.#clock.now().getTime(),
    )
  }

  #sealed(kind: string, id: string, value: unknown, expiresAt: Date | undefined): SqlValue[] {
    const name = this.#nameOf(kind, id)
    const expiresMs = expiresAt?.getTime() ?? 0
    const box = this.#box.seal(JSON.stringify({ id, value }), boundTo(kind, name, expiresMs))
    return [kind, name, box, expiresMs, this.#clock.now().getTime()]
  }

  #open(kind: string, { name, box, expires_at }: Row): SealedEntry | undefined {
    const plain = Buffer.isBuffer(box) && this.#box.open(box, boundTo(kind, name, expires_at))
    if (typeof plain !== 'string') {
      this.#tellOnce(kind, name)
      return undefined
    }
    if (expires_at > 0 && expires_at <= this.#clock.now().getTime()) return undefined
    const { id, value } = JSON.parse(plain) as { id: string; value: unknown }
    return { id, value, ...(expires_at > 0 && { expiresAt: new Date(expires_at) }) }
  }

  #nameOf(kind: string, id: string): string {
    return this.#box.nameOf(`${kindOf(kind)} ${id}`)
  }

  #tellOnce(kind: string, name: string): void {
    const entry = `${kind}/${name}`
    if (this.#told.has(entry)) return
    this.#told.add(entry)
    this.#log.warn('An entry of the login cannot be opened and counts as not there.', { entry })
  }
}

const INSERT = 'INSERT INTO sealed (kind, name, box, expires_at, written_at) VALUES ($1, $2, $3, $4, $5)'

/** What an entry is, its place and its end: none can be put in the place of another, or be made to last longer. */
function boundTo(kind: string, name: string, expiresMs: number): string {
  return `2 ${kind} ${name} ${expiresMs}`
}

function kindOf(kind: string): string {
  if (!KIND.test(kind)) throw new TypeError(`not a kind of entry: ${JSON.stringify(kind)}`)
  return kind
}
