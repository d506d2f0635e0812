import type { Clock } from '../../lib/clock.ts'
import { graceAfter } from '../run/end-command.ts'

/** Timers hold no more than 31 bits of milliseconds. */
const LONGEST_SLEEP_MS = 2 ** 30

/** Why a run is over from the bridge's side. `left`: the bridge stops, and the run goes on. */
export type Why = 'timed_out' | 'cancelled' | 'left'

/** The end of a call from outside: its time is up, its caller wants no more, or the bridge stops. */
export class Life {
  readonly #controller = new AbortController()
  readonly #settled = new AbortController()
  readonly #caller: AbortSignal
  readonly #cancel: () => void
  #why: Why | undefined
  /** Resolves when the call is over. */
  readonly whenOver: Promise<undefined>
  /** Resolves when the bridge stops, also when the time was up before. */
  readonly whenLeft: Promise<undefined>
  #leave: () => void = () => {}

  constructor(leftMs: number, clock: Clock, caller: AbortSignal) {
    this.#caller = caller
    this.whenOver = new Promise((resolve) => {
      this.#controller.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    this.whenLeft = new Promise((resolve) => {
      this.#leave = () => resolve(undefined)
    })
    this.#cancel = () => {
      const isLeft = caller.reason === 'shutting_down'
      if (isLeft) this.#leave()
      this.#end(isLeft ? 'left' : 'cancelled')
    }
    if (caller.aborted) this.#cancel()
    caller.addEventListener('abort', this.#cancel, { once: true })
    void this.#wait(leftMs, clock)
  }

  get why(): Why | undefined {
    return this.#why
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** How long what runs gets to end by itself. */
  get graceMs(): number {
    return graceAfter(this.#caller)
  }

  settle(): void {
    this.#settled.abort('settled')
    this.#caller.removeEventListener('abort', this.#cancel)
  }

  async #wait(leftMs: number, clock: Clock): Promise<void> {
    try {
      for (let left = leftMs; left > 0; left -= LONGEST_SLEEP_MS)
        await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), this.#settled.signal)
      this.#end('timed_out')
    } catch {
      // It was over before.
    }
  }

  #end(why: Why): void {
    this.#why ??= why
    this.#controller.abort(this.#why)
  }
}
