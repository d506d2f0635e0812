import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { RiskyPlaces } from '../pipeline/taint/risky-places.ts'
import { TaintBook } from '../pipeline/taint/taint-book.ts'
import type { Database } from '../store/sql/database.ts'
import { TaintRows } from '../store/taint-rows.ts'

/** The taints of all callers, in the database. `config` is asked each time: a reload replaces it. */
export async function openTaints(
  config: () => Config,
  database: Database,
  clock: Clock,
  log: Log,
): Promise<TaintBook> {
  let made: { readonly from: readonly string[]; readonly places: RiskyPlaces } | undefined
  const book = new TaintBook({
    store: new TaintRows(database, clock, log),
    clock,
    log,
    forMs: () => config().taint.expiresAfterMs,
    places: () => {
      const from = config().taint.paths
      if (made?.from !== from) made = { from, places: new RiskyPlaces(from) }
      return made.places
    },
  })
  await book.load()
  return book
}
