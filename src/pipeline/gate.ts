import type { Call } from '../domain/call.ts'
import type { DenyReason } from '../domain/decision.ts'
import { principalKey } from '../domain/principal.ts'
import { TokenBuckets } from './token-buckets.ts'

export interface RateLimits {
  /** Calls a principal may make in a minute, all edges together. */
  readonly callsPerMinute: number
}

/** Whether new calls are taken at all: a token bucket a principal, and the door that a shutdown closes. */
export class Gate {
  #limits: RateLimits
  #closed = false
  readonly #buckets = new TokenBuckets()

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** Undefined lets the call in and takes a token. A call on behalf of another was counted with that one. */
  refuses({ principal, parent }: Pick<Call, 'principal' | 'parent'>, nowMs: number): DenyReason | undefined {
    const closed = this.closedFor()
    if (closed !== undefined) return closed
    if (parent !== undefined) return undefined
    const { callsPerMinute } = this.#limits
    const key = principalKey(principal)
    const retryAfterMs = this.#buckets.waitMs(key, callsPerMinute, nowMs)
    if (retryAfterMs > 0) return { code: 'rate_limited', retryAfterMs }
    this.#buckets.take(key, callsPerMinute, nowMs)
    return undefined
  }

  /** Whatever the number of calls: a door that is shut. */
  closedFor(): DenyReason | undefined {
    return this.#closed ? { code: 'shutting_down' } : undefined
  }

  change(limits: RateLimits): void {
    this.#limits = limits
  }

  close(): void {
    this.#closed = true
  }
}
