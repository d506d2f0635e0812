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
  // By hand, because node:timers/promises makes an error with a stack for each sleep that is called off, and most are.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const callOff = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', callOff)
        resolve()
      }, ms).unref()
      signal?.addEventListener('abort', callOff, { once: true })
    }),
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

/** Calls `work` with a signal that aborts for `late` when the time is over, by the clock that was handed in. */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const done = new AbortController()
  clock.sleep(timeoutMs, done.signal).then(
    () => over.abort(late),
    () => {}, // the work was done first
  )
  try {
    return await work(over.signal)
  } finally {
    done.abort()
  }
}
