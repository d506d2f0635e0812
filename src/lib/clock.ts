import { setTimeout as delay } from 'node:timers/promises'

/** Time, handed in. The only way the bridge learns it, so that tests can say what time it is. */
export interface Clock {
  /** The wall clock. */
  now(): Date
  /** Milliseconds that only ever grow, for durations. */
  monotonicMs(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. Does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal, ref: false } : { ref: false }),
}

/** Keeps the process alive until `work` has settled: sleepers do not, and the last socket may be gone before the last record is written. */
export async function outlive<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 60_000)
  try {
    return await work
  } finally {
    clearInterval(hold)
  }
}
