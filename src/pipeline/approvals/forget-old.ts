import type { ApprovalOptions } from './approval-options.ts'
import type { KnownRequests } from './known-requests.ts'
import { MOST_BYTES } from './too-many.ts'

/** Ended requests that are kept. */
const MOST_ENDED = 5_000

/** What has been over for long is forgotten, oldest first. */
export function forgetOld(
  known: KnownRequests,
  { clock, limits, log, store }: Pick<ApprovalOptions, 'clock' | 'limits' | 'log' | 'store'>,
): void {
  const before = clock.now().getTime() - limits().retentionMs
  const ended = known.list().filter(({ endedAt }) => endedAt !== undefined)
  let [count, bytes] = [0, 0]
  for (const waiting of ended.reverse()) {
    count += 1
    bytes += waiting.bytes
    if ((waiting.endedAt?.getTime() ?? 0) >= before && count <= MOST_ENDED && bytes <= MOST_BYTES) continue
    const { id } = waiting.request
    known.forget(id)
    store
      .remove(id)
      .catch((cause: unknown) => log.warn('An old approval could not be removed', { cause: String(cause) }))
  }
}
