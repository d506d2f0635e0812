import type { Call } from '../domain/call.ts'

/** Why the bridge itself ended a running call. */
export type EndReason = 'access_revoked' | 'locked' | 'shutting_down'

/** The calls being carried out now, so that a change of rules or a shutdown can end them. */
export class RunningCalls {
  readonly #calls = new Set<{ readonly call: Call; readonly controller: AbortController }>()
  readonly #idle = new Set<() => void>()
  readonly #onEnded: (call: Call) => void

  /** `onEnded` hears of each call when nothing is done about it any more. */
  constructor(onEnded: (call: Call) => void = () => {}) {
    this.#onEnded = onEnded
  }

  /** Runs `work` with a signal that aborts when the caller's does, or when the bridge ends the call. */
  async track<T>(call: Call, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const forward = () => controller.abort(signal.reason)
    if (signal.aborted) forward()
    signal.addEventListener('abort', forward, { once: true })
    try {
      return await this.trackLife(call, controller, () => work(controller.signal))
    } finally {
      signal.removeEventListener('abort', forward)
    }
  }

  /** Does `work` for a call that has a `life` of its own, which the bridge aborts when it ends the call. */
  async trackLife<T>(call: Call, life: AbortController, work: () => Promise<T>): Promise<T> {
    const running = { call, controller: life }
    this.#calls.add(running)
    try {
      return await work()
    } finally {
      this.#calls.delete(running)
      this.#onEnded(call)
      if (this.#calls.size === 0) for (const wake of this.#idle) wake()
    }
  }

  /** Until its last record is written, or could not be. */
  has(id: string): boolean {
    for (const { call } of this.#calls) if (call.id === id) return true
    return false
  }

  get count(): number {
    return this.#calls.size
  }

  /** Ends every running call of which `isOver` says so. Ending is asynchronous: the call answers what became of its command. */
  end(reason: EndReason, isOver: (call: Call) => boolean = () => true): number {
    const over = [...this.#calls].filter(({ call }) => isOver(call))
    for (const { controller } of over) controller.abort(reason)
    return over.length
  }

  /** Resolves when nothing runs; rejects with the signal's reason when that comes first. */
  whenIdle(signal: AbortSignal): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#idle.delete(done)
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#idle.delete(done)
        reject(signal.reason)
      }
      this.#idle.add(done)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }
}
