type Verdict = 'allow' | 'approve' | 'deny'

export interface Difference {
  readonly person: string
  readonly issuer: string
  readonly hosts: readonly string[]
  readonly was: Verdict
  readonly would_be: Verdict
  readonly count: number
  readonly newest_at: string
  readonly rules: readonly string[]
  readonly past_rules: readonly string[]
  readonly samples: readonly string[]
}

/** What the bridge says of one portion of the past, or of several together. */
export interface Replayed {
  readonly calls: number
  readonly unchanged: number
  readonly newly_denied: number
  readonly newly_approve: number
  readonly newly_allowed: number
  readonly weaker: number
  readonly not_decided_by_rules: number
  readonly identity_incomplete: number
  readonly unreadable: number
  readonly differences: readonly Difference[]
}

const COUNTS = [
  'calls',
  'unchanged',
  'newly_denied',
  'newly_approve',
  'newly_allowed',
  'weaker',
  'not_decided_by_rules',
  'identity_incomplete',
  'unreadable',
] as const
const MOST_NAMES = 5

/** Portions together: the same person, hosts and kind of difference is one line. */
export function merge(before: Replayed | undefined, next: Replayed): Replayed {
  if (before === undefined) return next
  const counts = Object.fromEntries(COUNTS.map((name) => [name, before[name] + next[name]])) as Record<
    (typeof COUNTS)[number],
    number
  >
  const lines = new Map(before.differences.map((one) => [keyOf(one), one]))
  for (const one of next.differences) {
    const known = lines.get(keyOf(one))
    lines.set(keyOf(one), known === undefined ? one : both(known, one))
  }
  const differences = [...lines.values()].toSorted(
    (a, b) => Number(isWeaker(b)) - Number(isWeaker(a)) || b.count - a.count,
  )
  return { ...counts, differences }
}

/** Fewer people would stand before it than did. */
export function isWeaker({ was, would_be: wouldBe }: Difference): boolean {
  return RANK[wouldBe] > RANK[was]
}

const RANK = { deny: 0, approve: 1, allow: 2 } as const

function keyOf({ person, issuer, hosts, was, would_be }: Difference): string {
  return JSON.stringify([person, issuer, hosts, was, would_be])
}

function both(one: Difference, other: Difference): Difference {
  const names = (a: readonly string[], b: readonly string[]) =>
    [...new Set([...a, ...b])].slice(0, MOST_NAMES)
  return {
    ...one,
    count: one.count + other.count,
    newest_at: later(one.newest_at, other.newest_at),
    rules: names(one.rules, other.rules),
    past_rules: names(one.past_rules, other.past_rules),
    samples: names(one.samples, other.samples),
  }
}

/** Of two instants of ISO 8601 in UTC. */
function later(one: string, other: string): string {
  return one < other ? other : one
}
