import type { Clock } from '../../lib/clock.ts'
import type { Connection } from './transport.ts'

/** A host that was asked so often and said nothing is dead: with 15 s between, after 45 s. */
const MOST_SILENT_INTERVALS = 3

/**
 * Asks a host that has been silent for `intervalMs` whether it still lives, and closes the connection when it says nothing for three of
 * them. Whatever comes from the host counts; a busy connection is not asked. 0 asks never.
 */
export async function keepAlive(connection: Connection, intervalMs: number, clock: Clock): Promise<void> {
  if (intervalMs <= 0) return
  const over = new AbortController()
  const forget = connection.onLost(() => over.abort('lost'))
  let silent = 0
  let heardAtMs = connection.heardAtMs
  let waitMs = intervalMs
  while (connection.isAlive) {
    await clock.sleep(waitMs, over.signal).catch(() => undefined)
    if (!connection.isAlive) break
    const isNews = connection.heardAtMs !== heardAtMs
    heardAtMs = connection.heardAtMs
    const silentMs = clock.monotonicMs() - heardAtMs
    if (isNews && silentMs < intervalMs) {
      silent = 0
      waitMs = intervalMs - silentMs
      continue
    }
    silent = isNews ? 1 : silent + 1
    waitMs = intervalMs
    if (silent >= MOST_SILENT_INTERVALS) connection.close()
    else void connection.roundTrip()
  }
  forget()
}
