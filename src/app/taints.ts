import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { RiskyPlaces } from '../pipeline/taint/risky-places.ts'
import { TaintBook } from '../pipeline/taint/taint-book.ts'
import { TaintFiles } from '../store/taint-files.ts'

/** The taints of all callers, in the storage directory that the bridge began with. `config` is asked each time: a reload replaces it. */
export function openTaints(config: () => Config, clock: Clock, log: Log): TaintBook {
  let made: { readonly from: readonly string[]; readonly places: RiskyPlaces } | undefined
  return new TaintBook({
    store: new TaintFiles(join(config().storage.directory, 'taints'), log),
    clock,
    log,
    forMs: () => config().taint.expiresAfterMs,
    places: () => {
      const from = config().taint.paths
      if (made?.from !== from) made = { from, places: new RiskyPlaces(from) }
      return made.places
    },
  })
}
