import { randomInt } from 'node:crypto'

/**
 * Whether two questions take the same time, told from samples that were taken in turn: the medians differ by less than half, or by less
 * than what a busy machine does to a median of so few.
 */
export function takeTheSameTime(one: readonly number[], other: readonly number[]): boolean {
  const [faster, slower] = [median(one), median(other)].sort((a, b) => a - b) as [number, number]
  return slower <= faster * MOST_RATIO || slower - faster < NOISE_MS
}

const MOST_RATIO = 1.5
/** Of two medians of the same thing. */
const NOISE_MS = 0.5

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]]
  return (low + high) / 2
}

export interface Compared {
  readonly same: boolean
  readonly medians: readonly [number, number]
  readonly pairs: number
}

/**
 * Asks both in turn, in an order that chance decides, until they are seen to take the same time or there have been `mostPairs`. What the
 * machine does meanwhile happens to both; what is left after so many is a difference.
 */
export async function compareTimes(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  { pairs, mostPairs }: { readonly pairs: number; readonly mostPairs: number },
): Promise<Compared> {
  const samples: [number[], number[]] = [[], []]
  const timed = async (ask: () => Promise<unknown>, into: number[]) => {
    const startedMs = performance.now()
    await ask()
    into.push(performance.now() - startedMs)
  }
  for (let count = pairs; ; count = Math.min(count * 2, mostPairs)) {
    while (samples[0].length < count) {
      const inTurn = [() => timed(one, samples[0]), () => timed(other, samples[1])]
      for (const ask of randomInt(2) === 0 ? inTurn : inTurn.reverse()) await ask()
    }
    const same = takeTheSameTime(...samples)
    if (same || count === mostPairs)
      return { same, medians: [median(samples[0]), median(samples[1])], pairs: count }
  }
}
