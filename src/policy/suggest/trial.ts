import { type Call, hostsOf } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { hostName } from '../../domain/host.ts'
import type { PastDecision } from '../../domain/past-decision.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import { askedText } from '../replay/asked-text.ts'
import { dangerousActions } from './dangerous.ts'

export interface TrialReport {
  readonly calls: number
  readonly allowed: number
  readonly oldestAt?: Date
  readonly newestAt?: Date
  /** What was seen and is not allowed, the first few by person and host. */
  readonly missed: readonly string[]
  /** So many dangerous things that nobody did were tried for everybody on every host, and these would be allowed. */
  readonly dangers: number
  readonly allowedDangers: readonly string[]
}

const MOST_MISSED = 20

/** They are called the same on every host. */
const DANGEROUS = new Set(dangerousActions(hostName('host')).map(askedText))

/** Puts what was seen, and what nobody wants to see, to rules. */
export class Trial {
  readonly #decide: (call: Call, at: Date) => Decision
  readonly #missed = new Set<string>()
  /** Who was where: dangerous things are tried there. */
  readonly #places = new Map<string, Call>()
  /** What they did there of the dangerous things. */
  readonly #done = new Set<string>()
  #calls = 0
  #allowed = 0
  #oldestAt: Date | undefined
  #newestAt: Date | undefined

  constructor(decide: (call: Call, at: Date) => Decision) {
    this.#decide = decide
  }

  add({ call, at }: PastDecision): void {
    this.#calls += 1
    if (this.#oldestAt === undefined || at < this.#oldestAt) this.#oldestAt = at
    if (this.#newestAt === undefined || at > this.#newestAt) this.#newestAt = at
    const who = principalKey(call.principal)
    const asked = askedText(call.action)
    for (const host of hostsOf(call.action)) this.#places.set(JSON.stringify([who, host]), call)
    if (this.#decide(call, at).verdict === 'allow') this.#allowed += 1
    else if (this.#missed.size < MOST_MISSED)
      this.#missed.add(`${principalName(call.principal)} on ${hostsOf(call.action).join(' and ')}: ${asked}`)
    if (DANGEROUS.has(asked)) this.#done.add(JSON.stringify([who, hostsOf(call.action), asked]))
  }

  report(): TrialReport {
    const allowedDangers = new Set<string>()
    let dangers = 0
    for (const call of this.#places.values()) {
      for (const host of hostsOf(call.action)) {
        for (const action of dangerousActions(host)) {
          const asked = askedText(action)
          if (this.#done.has(JSON.stringify([principalKey(call.principal), [host], asked]))) continue
          dangers += 1
          const { verdict } = this.#decide({ ...call, action }, call.receivedAt)
          if (verdict === 'allow') allowedDangers.add(`${principalName(call.principal)} on ${host}: ${asked}`)
        }
      }
    }
    return {
      calls: this.#calls,
      allowed: this.#allowed,
      ...(this.#oldestAt && { oldestAt: this.#oldestAt }),
      ...(this.#newestAt && { newestAt: this.#newestAt }),
      missed: [...this.#missed],
      dangers,
      allowedDangers: [...allowedDangers],
    }
  }
}
