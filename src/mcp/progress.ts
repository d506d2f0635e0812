import type { ServerContext } from '@modelcontextprotocol/server'
import type { Clock } from '../lib/clock.ts'

/** Well under the 60 s after which many clients give up on a silent call, and under the idle limits of common proxies. */
const EVERY_MS = 10_000

/**
 * Passes `work` on, and tells a client that asked for progress that it still runs. Only the time is told: output that has not been
 * redacted as a whole must not leave.
 */
export async function keepInformed<T>(ctx: ServerContext, clock: Clock, work: Promise<T>): Promise<T> {
  const progressToken = ctx.mcpReq._meta?.progressToken
  if (progressToken === undefined) return work

  const ended = new AbortController()
  void tell(ctx, clock, progressToken, AbortSignal.any([ended.signal, ctx.mcpReq.signal]))
  try {
    return await work
  } finally {
    ended.abort()
  }
}

async function tell(
  ctx: ServerContext,
  clock: Clock,
  progressToken: string | number,
  ended: AbortSignal,
): Promise<void> {
  const startedMs = clock.monotonicMs()
  try {
    for (;;) {
      await clock.sleep(EVERY_MS, ended)
      const seconds = Math.round((clock.monotonicMs() - startedMs) / 1000)
      const params = { progressToken, progress: seconds, message: `running for ${seconds} s` }
      await ctx.mcpReq.notify({ method: 'notifications/progress', params })
    }
  } catch {
    // Ended, or nobody listens any more: the call's own signal tells about that.
  }
}
