import type { Log } from '../domain/log.ts'
import { MOST_MARKS, type Taint, type TaintStore } from '../domain/taint.ts'
import type { Clock } from '../lib/clock.ts'
import type { Database } from './sql/database.ts'
import { exclusively } from './sql/exclusive.ts'
import { readTagged, taggedText } from './tagged-json.ts'

interface Row {
  readonly id: string
  readonly record: string
}

/** Taints, a row each, one for a person's client: what several instances mark at once is one. One that is damaged is left out with a warning. */
export class TaintRows implements TaintStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log

  constructor(database: Database, clock: Clock, log: Log) {
    this.#database = database
    this.#clock = clock
    this.#log = log
  }

  async load(): Promise<readonly Taint[]> {
    const rows = await this.#database.all<Row>(
      'SELECT id, record FROM taints WHERE expires_at > $1 ORDER BY id',
      this.#clock.now().getTime(),
    )
    return rows.flatMap((row) => this.#read(row) ?? [])
  }

  async save(owner: string, taint: Taint): Promise<Taint> {
    const saved = await exclusively(this.#database, 'taints', async (sql) => {
      const [row] = await sql.all<Row>('SELECT id, record FROM taints WHERE owner = $1', owner)
      const known = row && this.#read(row)
      const isOver = known === undefined || known.expiresAt <= this.#clock.now()
      const merged = isOver ? taint : together(known, taint)
      await sql.run(
        `INSERT INTO taints (id, owner, expires_at, record) VALUES ($1, $2, $3, $4)
          ON CONFLICT (owner) DO UPDATE SET id = excluded.id, expires_at = excluded.expires_at, record = excluded.record`,
        merged.id,
        owner,
        merged.expiresAt.getTime(),
        taggedText(merged),
      )
      return merged
    })
    await this.#database.notify('taints', saved.id)
    return saved
  }

  async remove(id: string, by?: Date): Promise<void> {
    await this.#database.run(
      'DELETE FROM taints WHERE id = $1 AND expires_at <= $2',
      id,
      by?.getTime() ?? Number.MAX_SAFE_INTEGER,
    )
    await this.#database.notify('taints', id)
  }

  follow(onChange: () => void, signal: AbortSignal): void {
    this.#database.listen('taints', onChange, signal)
  }

  #read({ id, record }: Row): Taint | undefined {
    try {
      const value = readTagged(record)
      if (isTaint(value) && value.id === id) return value
    } catch {
      // Not JSON: told below like any other damage.
    }
    this.#log.warn('a saved taint is damaged and was left out', { taint: id })
    return undefined
  }
}

/** What two instances saw at the same time: it began with the first and holds as long as the last. */
function together(known: Taint, later: Taint): Taint {
  const seen = new Set(known.marks.map(({ why }) => why))
  const marks = [...known.marks, ...later.marks.filter(({ why }) => !seen.has(why))].slice(0, MOST_MARKS)
  const [, expiresAt = later.expiresAt] = [known.expiresAt, later.expiresAt].sort(
    (a, b) => a.getTime() - b.getTime(),
  )
  return { ...known, marks, expiresAt }
}

function isTaint(value: unknown): value is Taint {
  if (typeof value !== 'object' || value === null) return false
  const { principal, marks, since, expiresAt } = value as Partial<Taint>
  return (
    typeof principal?.issuer === 'string' &&
    typeof principal.subject === 'string' &&
    Array.isArray(marks) &&
    marks.every((mark) => typeof mark?.why === 'string' && mark.at instanceof Date) &&
    since instanceof Date &&
    expiresAt instanceof Date &&
    !Number.isNaN(expiresAt.getTime())
  )
}
