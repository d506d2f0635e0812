import type { Log } from '../domain/log.ts'
import { type Clock, outlive } from '../lib/clock.ts'
import { DatabaseAway } from '../store/sql/database.ts'

const PATIENCE_MS = 60_000
const AGAIN_MS = 1_000
const TOLD_EVERY_MS = 10_000

/**
 * Opens what a start needs, and waits for a database that is not there yet: servers of one stack start in any order, and a disk may
 * have room again. The log says so at once and then every ten seconds.
 *
 * @param signal ends the waiting.
 * @throws DatabaseAway after a minute; what `open` throws otherwise, at once.
 */
export function awaitDatabase<T>(
  open: () => Promise<T>,
  clock: Clock,
  log: Log,
  signal?: AbortSignal,
): Promise<T> {
  const startedMs = clock.monotonicMs()
  let toldMs = Number.NEGATIVE_INFINITY
  const attempt = async (): Promise<T> => {
    for (;;) {
      try {
        return await open()
      } catch (cause) {
        if (!(cause instanceof DatabaseAway)) throw cause
        const waitedMs = clock.monotonicMs() - startedMs
        if (waitedMs >= PATIENCE_MS || signal?.aborted)
          throw new DatabaseAway(
            `cannot start: the database did not answer for ${Math.round(waitedMs / 1_000)} seconds (${cause.message})`,
            { cause },
          )
        if (clock.monotonicMs() - toldMs >= TOLD_EVERY_MS) {
          toldMs = clock.monotonicMs()
          log.warn('Waiting for the database', {
            cause: cause.message,
            seconds_left: Math.round((PATIENCE_MS - waitedMs) / 1_000),
          })
        }
        await clock.sleep(AGAIN_MS, signal).catch(() => undefined)
      }
    }
  }
  return outlive(attempt())
}
