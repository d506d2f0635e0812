import type { ServerContext } from '@modelcontextprotocol/server'
import { NOBODY, type Progress } from '../domain/progress.ts'
import type { Clock } from '../lib/clock.ts'

/** Well under the 60 s after which many clients give up on a silent call, and under the idle limits of common proxies. */
const EVERY_MS = 10_000

/**
 * Does `work` and tells a client that asked for progress how far it has come, and now and then that it still runs. Only counts, names
 * and times are told: output that has not been redacted as a whole must not leave.
 */
export async function keepInformed<T>(
  ctx: ServerContext,
  clock: Clock,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const token = ctx.mcpReq._meta?.progressToken
  if (token === undefined) return work(NOBODY)

  const told = new Told(ctx, token)
  const ended = new AbortController()
  void remind(told, clock, AbortSignal.any([ended.signal, ctx.mcpReq.signal]))
  try {
    return await work((done, total, message) => told.tell(done, total, message))
  } finally {
    ended.abort()
    told.close()
  }
}

/** The notifications of one call. The protocol wants their numbers to grow, whoever speaks. */
class Told {
  readonly #ctx: ServerContext
  readonly #token: string | number
  #highest = 0
  #total: number | undefined
  #isClosed = false
  #hasNews = false

  constructor(ctx: ServerContext, token: string | number) {
    this.#ctx = ctx
    this.#token = token
  }

  tell(done: number, total: number | undefined, message: string): void {
    this.#total = total
    this.#hasNews = true
    this.#send(Math.max(done, this.#highest + 0.001), message)
  }

  /** Only while nothing else is told. */
  remind(seconds: number): void {
    if (!this.#hasNews)
      this.#send(this.#total === undefined ? seconds : this.#highest + 0.001, `running for ${seconds} s`)
    this.#hasNews = false
  }

  close(): void {
    this.#isClosed = true
  }

  #send(progress: number, message: string): void {
    if (this.#isClosed) return
    this.#highest = progress
    const total = this.#total === undefined ? {} : { total: this.#total }
    const params = { progressToken: this.#token, progress, message, ...total }
    // Nobody listens any more: the call's own signal tells about that.
    this.#ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
  }
}

async function remind(told: Told, clock: Clock, ended: AbortSignal): Promise<void> {
  const startedMs = clock.monotonicMs()
  for (;;) {
    if (
      await clock.sleep(EVERY_MS, ended).then(
        () => false,
        () => true,
      )
    )
      return
    told.remind(Math.round((clock.monotonicMs() - startedMs) / 1000))
  }
}
