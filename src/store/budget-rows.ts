import type { BudgetStore, IsOver, UsedPieces } from '../domain/budget.ts'
import type { Database } from './sql/database.ts'

interface Row {
  readonly counter: string
  readonly key: string
  readonly piece: number
  readonly used: number
}

/** What was used of budgets, a row for each piece of time: all instances add to it. */
export class BudgetRows implements BudgetStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async read(): Promise<UsedPieces> {
    return piecesOf(await this.#database.all<Row>('SELECT counter, key, piece, used FROM used_budgets'))
  }

  async add(fresh: UsedPieces, isOver: IsOver): Promise<UsedPieces> {
    await this.#database.transaction(async (sql) => {
      // In one order: two instances that add to the same must not wait for each other.
      for (const { counter, key, piece, used } of rowsOf(fresh).sort(byPlace))
        if (!isOver(counter, piece))
          await sql.run(
            `INSERT INTO used_budgets (counter, key, piece, used) VALUES ($1, $2, $3, $4)
              ON CONFLICT (counter, key, piece) DO UPDATE SET used = used_budgets.used + excluded.used`,
            counter,
            key,
            piece,
            used,
          )
    })
    const rows = await this.#database.all<Row>('SELECT counter, key, piece, used FROM used_budgets')
    const over = rows.filter(({ counter, piece }) => isOver(counter, piece))
    const places = new Map(over.map((row) => [`${row.counter} ${row.piece}`, row]))
    for (const { counter, piece } of places.values())
      await this.#database.run('DELETE FROM used_budgets WHERE counter = $1 AND piece = $2', counter, piece)
    return piecesOf(rows.filter((row) => !over.includes(row)))
  }
}

function rowsOf(pieces: UsedPieces): Row[] {
  return [...pieces].flatMap(([counter, keys]) =>
    [...keys].flatMap(([key, counts]) => [...counts].map(([piece, used]) => ({ counter, key, piece, used }))),
  )
}

function byPlace(one: Row, other: Row): number {
  const [a, b] = [
    `${one.counter}\n${one.key}\n${one.piece}`,
    `${other.counter}\n${other.key}\n${other.piece}`,
  ]
  return a < b ? -1 : 1
}

function piecesOf(rows: readonly Row[]): UsedPieces {
  const all = new Map<string, Map<string, Map<number, number>>>()
  for (const { counter, key, piece, used } of rows) {
    const ofCounter = within(all, counter, () => new Map<string, Map<number, number>>())
    within(ofCounter, key, () => new Map<number, number>()).set(piece, used)
  }
  return all
}

function within<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}
