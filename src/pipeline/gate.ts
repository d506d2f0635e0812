import type { Call } from '../domain/call.ts'
import type { DenyReason } from '../domain/decision.ts'
import { principalKey } from '../domain/principal.ts'

export interface RateLimits {
  /** Calls a principal may make in a minute, all edges together. */
  readonly callsPerMinute: number
}

/** Whether new calls are taken at all: a token bucket a principal, and the door that a shutdown closes. */
export class Gate {
  #limits: RateLimits
  #closed = false
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** Undefined lets the call in and takes a token. A call on behalf of another was counted with that one. */
  refuses({ principal, parent }: Pick<Call, 'principal' | 'parent'>, nowMs: number): DenyReason | undefined {
    const closed = this.closedFor()
    if (closed !== undefined) return closed
    if (parent !== undefined) return undefined
    const perMs = this.#limits.callsPerMinute / 60_000
    const key = principalKey(principal)
    const bucket = this.#buckets.get(key) ?? { tokens: this.#limits.callsPerMinute, atMs: nowMs }
    const tokens = Math.min(this.#limits.callsPerMinute, bucket.tokens + (nowMs - bucket.atMs) * perMs)
    this.#remember(key, tokens >= 1 ? tokens - 1 : tokens, nowMs)
    return tokens >= 1 ? undefined : { code: 'rate_limited', retryAfterMs: Math.ceil((1 - tokens) / perMs) }
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

  // Full buckets say nothing: they are dropped, oldest first, so that passing principals leave no memory behind.
  #remember(key: string, tokens: number, atMs: number): void {
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens, atMs })
    if (this.#buckets.size <= 10_000) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
