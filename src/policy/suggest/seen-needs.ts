import type { PastDecision } from '../../domain/past-decision.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import { askedText } from '../replay/asked-text.ts'
import type { Demand } from '../rules/demand.ts'
import { type Need, needsOf } from './need.ts'

/** Something that somebody was seen to need, and how often. */
export interface SeenNeed {
  readonly need: Need
  /** `principalKey`. */
  readonly person: string
  readonly count: number
  readonly newestAt: Date
}

/** What was done that no rule could be written for. */
export interface Unnamed {
  readonly why: string
  readonly count: number
  readonly samples: readonly string[]
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const MOST_SAMPLES = 3

/** Everything that people were seen to need, each once. Bounded by how many different things there were, not by how often. */
export class SeenNeeds {
  readonly #seen = new Map<string, Mutable<SeenNeed>>()
  readonly #people = new Map<string, Principal>()
  readonly #unnamed = new Map<string, { count: number; samples: Set<string> }>()

  /** `demands`: what the call needs, all of which it was given. */
  add({ call, at }: PastDecision, demands: readonly Demand[]): void {
    const person = principalKey(call.principal)
    this.#people.set(person, call.principal)
    for (const demand of demands) {
      const needs = needsOf(demand)
      if ('why' in needs) this.#cannotName(needs.why, askedText(call.action))
      else for (const need of needs) this.#count(person, need, at)
    }
  }

  /** Those that were seen so often at least, in an order that depends on nothing but them. */
  needs(minCount: number): readonly SeenNeed[] {
    return [...this.#seen]
      .filter(([, { count }]) => count >= minCount)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, seen]) => seen)
  }

  /** By `principalKey`, as they were last. */
  people(): ReadonlyMap<string, Principal> {
    return this.#people
  }

  unnamed(): readonly Unnamed[] {
    return [...this.#unnamed]
      .map(([why, { count, samples }]) => ({ why, count, samples: [...samples] }))
      .sort((a, b) => b.count - a.count || (a.why < b.why ? -1 : 1))
  }

  #count(person: string, need: Need, at: Date): void {
    const key = JSON.stringify([person, need])
    const known = this.#seen.get(key)
    if (known === undefined) {
      this.#seen.set(key, { need, person, count: 1, newestAt: at })
      return
    }
    known.count += 1
    if (at > known.newestAt) known.newestAt = at
  }

  #cannotName(why: string, sample: string): void {
    const known = this.#unnamed.get(why) ?? { count: 0, samples: new Set<string>() }
    known.count += 1
    if (known.samples.size < MOST_SAMPLES) known.samples.add(sample)
    this.#unnamed.set(why, known)
  }
}
