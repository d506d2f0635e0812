import { type Clock, systemClock } from '../../src/lib/clock.ts'

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #ms = Date.parse('2026-01-01T00:00:00Z')
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>()

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  now(): Date {
    return new Date(this.#ms)
  }

  monotonicMs(): number {
    return this.#ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const callOff = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', callOff)
        resolve()
      }
      const sleeper = { untilMs: this.#ms + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', callOff)
    })
  }

  /** Lets time pass and wakes whoever slept until then; resolves when they have taken their next step. */
  async advance(ms: number): Promise<void> {
    this.#ms += ms
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.untilMs > this.#ms) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The system's time, `times` faster: what takes a minute is over in a few seconds. The wall clock is the real one. */
export function fasterClock(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  }
}
