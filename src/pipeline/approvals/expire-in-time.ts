import type { ApprovalOptions } from './approval-options.ts'
import type { Waiting } from './waiting.ts'

/** After it could not be put on record. */
const AGAIN_MS = 5_000

/**
 * Ends a request that nobody has answered in time. One that is left waiting would be in the way of its requester, so it is tried until it is
 * on record, or the signal aborts. Never rejects.
 */
export async function expireInTime(
  waiting: Waiting,
  { clock, log }: Pick<ApprovalOptions, 'clock' | 'log'>,
  end: (why: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const over = AbortSignal.any([waiting.over, signal])
  let inMs = waiting.request.expiresAt.getTime() - clock.now().getTime()
  for (let isTold = false; !over.aborted; inMs = AGAIN_MS) {
    await clock.sleep(Math.max(0, inMs), over).catch(() => undefined)
    if (over.aborted || waiting.state !== 'waiting') return
    await end('nobody answered in time').catch((cause: unknown) => {
      if (!isTold) log.error('An approval has expired, which could not be recorded', { cause: String(cause) })
      isTold = true
    })
  }
}
