import { type Call, hostsOf } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import type { PastDecision } from '../../domain/past-decision.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import type { Difference, Observation, ReplayReport } from '../../domain/replay.ts'
import { askedText } from './asked-text.ts'

type Verdict = Decision['verdict']

/** As it would be decided, with what counted beside the call then. */
type Decide = (call: Call, then: Pick<PastDecision, 'at' | 'tainted'>) => Decision

const RANK = { deny: 0, approve: 1, allow: 2 } as const satisfies Record<Verdict, number>
const MOST_RULES = 5

interface Tally {
  count: number
  newestAt: Date
  readonly rules: Set<string>
  readonly pastRules: Set<string>
  readonly samples: Set<string>
  readonly first: Pick<Difference, 'person' | 'issuer' | 'hosts' | 'was' | 'wouldBe'>
}

/** Decides calls of the past again, one by one, and counts what differs. Holds one entry for each person, host and kind of difference. */
export class Replay {
  readonly #decide: Decide
  readonly #mostSamples: number
  readonly #tallies = new Map<string, Tally>()
  readonly #observations = new Map<string, { -readonly [Key in keyof Observation]: Observation[Key] }>()
  #calls = 0
  #unchanged = 0
  #notDecidedByRules = 0
  #identityIncomplete = 0

  constructor(decide: Decide, mostSamples: number) {
    this.#decide = decide
    this.#mostSamples = mostSamples
  }

  add(past: PastDecision): void {
    this.#calls += 1
    if (past.observed !== undefined) this.#observe(past.observed, past.verdict)
    if (past.reason !== undefined && OUTSIDE_RULES.has(past.reason)) {
      this.#notDecidedByRules += 1
      // guard: replay-does-not-guess
    } else if (!isKnown(past)) {
      this.#identityIncomplete += 1
    } else {
      const decision = this.#decide(past.call, past)
      if (decision.verdict === past.verdict) this.#unchanged += 1
      else this.#differ(past, decision)
    }
  }

  report(): ReplayReport {
    const differences = [...this.#tallies.values()].map(
      ({ first, rules, pastRules, samples, count, newestAt }): Difference => ({
        ...first,
        count,
        newestAt,
        rules: [...rules],
        pastRules: [...pastRules],
        samples: [...samples],
      }),
    )
    const counted = (is: (difference: Difference) => boolean) =>
      differences.filter(is).reduce((sum, { count }) => sum + count, 0)
    return {
      calls: this.#calls,
      unchanged: this.#unchanged,
      newlyDenied: counted(({ wouldBe }) => wouldBe === 'deny'),
      newlyApprove: counted(({ wouldBe }) => wouldBe === 'approve'),
      newlyAllowed: counted(({ wouldBe }) => wouldBe === 'allow'),
      weaker: counted(isWeaker),
      notDecidedByRules: this.#notDecidedByRules,
      identityIncomplete: this.#identityIncomplete,
      differences: differences.toSorted(byWeight),
      observations: [...this.#observations.values()].toSorted(
        (a, b) => b.count - a.count || compare(a.rule, b.rule),
      ),
    }
  }

  #differ({ call, at, verdict: was, rule }: PastDecision, decision: Decision): void {
    const { principal, action } = call
    const hosts = hostsOf(action)
    const key = JSON.stringify([principalKey(principal), hosts, was, decision.verdict])
    let tally = this.#tallies.get(key)
    if (tally === undefined) {
      const who = { person: principalName(principal), issuer: principal.issuer }
      const first = { ...who, hosts, was, wouldBe: decision.verdict }
      tally = { count: 0, newestAt: at, rules: new Set(), pastRules: new Set(), samples: new Set(), first }
      this.#tallies.set(key, tally)
    }
    tally.count += 1
    if (at > tally.newestAt) tally.newestAt = at
    if (tally.rules.size < MOST_RULES) tally.rules.add(decision.rule)
    if (tally.pastRules.size < MOST_RULES) tally.pastRules.add(rule)
    if (tally.samples.size < this.#mostSamples) tally.samples.add(askedText(action))
  }

  #observe({ rule, verdict }: NonNullable<PastDecision['observed']>, was: Verdict): void {
    const key = JSON.stringify([rule, verdict, was])
    const known = this.#observations.get(key)
    if (known === undefined) this.#observations.set(key, { rule, verdict, was, count: 1 })
    else known.count += 1
  }
}

const OUTSIDE_RULES = new Set(['rate_limited', 'locked', 'locks_unavailable', 'shutting_down'])

/** Ways in without a token or a key have neither groups nor roles, and every scope. */
function isKnown({ knowsClaims, call }: PastDecision): boolean {
  const { method } = call.principal
  return knowsClaims || method === 'stdio' || method === 'none'
}

/** Fewer people stand before it than did. */
function isWeaker({ was, wouldBe }: Pick<Difference, 'was' | 'wouldBe'>): boolean {
  // guard: weaker-is-told
  return RANK[wouldBe] > RANK[was]
}

function byWeight(a: Difference, b: Difference): number {
  const rise = (one: Difference) => RANK[one.wouldBe] - RANK[one.was]
  return (
    Number(isWeaker(b)) - Number(isWeaker(a)) ||
    b.count - a.count ||
    rise(b) - rise(a) ||
    compare(a.person, b.person) ||
    compare(a.hosts.join(' '), b.hosts.join(' '))
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
