import type { Clock } from '../../lib/clock.ts'
import { sourceOf } from '../../lib/source-of.ts'

const SECOND = 1_000
const MINUTE = 60_000
/** Who has failed and stays away so long begins anew. */
const FORGET_MS = 24 * 60 * MINUTE
/** Of each kind; beyond it those that failed longest ago are forgotten. */
const MAX_KEPT = 10_000

/**
 * What is counted, how many failures are free, and the most that one has to wait then. A name may be anybody's to try, so that nobody
 * is kept out of an account for longer than a minute by the guesses of others; codes are tried only by who has the password.
 */
const KINDS = {
  account: { free: 5, longestMs: MINUTE },
  code: { free: 5, longestMs: 15 * MINUTE },
  address: { free: 20, longestMs: 15 * MINUTE },
} as const
type Kind = keyof typeof KINDS

interface Failures {
  count: number
  waitUntilMs: number
  lastMs: number
}

export type Attempt =
  /** It counts as failed until it is said to have succeeded: many at once are not more than many in turn. */
  | {
      readonly kind: 'allowed'
      succeeded(): void
      /** Nobody looked at it: it counts neither as a failure nor as a success. */
      notMade(): void
      readonly nextWaitMs: number
    }
  | { readonly kind: 'throttled'; readonly by: Kind; readonly waitMs: number }

/** Doubles the wait with every failure of an account and of an address. In memory: a restart forgives. */
export class SignInThrottle {
  readonly #clock: Clock
  readonly #failed: Readonly<Record<Kind, Map<string, Failures>>> = {
    account: new Map(),
    code: new Map(),
    address: new Map(),
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `key` is the account as it was typed, known or not: that one waits says nothing of whether it exists. */
  begin(kind: 'account' | 'code', key: string, address: string | undefined): Attempt {
    const nowMs = this.#clock.monotonicMs()
    const places: [Kind, string][] = [
      [kind, key],
      ['address', sourceOf(address)],
    ]
    for (const [of, name] of places) {
      const waitMs = (this.#live(of, name, nowMs)?.waitUntilMs ?? 0) - nowMs
      if (waitMs > 0) return { kind: 'throttled', by: of, waitMs }
    }
    const counted = places.map(([of, name]) => this.#count(of, name, nowMs))
    return {
      kind: 'allowed',
      nextWaitMs: Math.max(...counted.map(({ waitUntilMs }) => waitUntilMs)) - nowMs,
      succeeded: () => {
        this.#failed[kind].delete(key)
        for (const [of, name] of places.slice(1)) this.#takeBack(of, name)
      },
      notMade: () => {
        for (const [of, name] of places) this.#takeBack(of, name)
      },
    }
  }

  #live(kind: Kind, name: string, nowMs: number): Failures | undefined {
    const failures = this.#failed[kind].get(name)
    return failures === undefined || nowMs - failures.lastMs > FORGET_MS ? undefined : failures
  }

  #count(kind: Kind, name: string, nowMs: number): Failures {
    const count = (this.#live(kind, name, nowMs)?.count ?? 0) + 1
    const failures = { count, lastMs: nowMs, waitUntilMs: nowMs + waitAfter(kind, count) }
    const kept = this.#failed[kind]
    // Back to the end: the first is the one that failed longest ago.
    kept.delete(name)
    kept.set(name, failures)
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break
      kept.delete(oldest)
    }
    return failures
  }

  /** One success of one person does not clear what others did from the same address. */
  #takeBack(kind: Kind, name: string): void {
    const failures = this.#failed[kind].get(name)
    if (failures === undefined) return
    failures.count -= 1
    if (failures.count <= KINDS[kind].free) failures.waitUntilMs = 0
  }
}

function waitAfter(kind: Kind, failures: number): number {
  const { free, longestMs } = KINDS[kind]
  return failures < free ? 0 : Math.min(longestMs, SECOND * 2 ** (failures - free))
}
