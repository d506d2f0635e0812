import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Progress } from '../domain/progress.ts'
import type { Bridge } from '../pipeline/bridge.ts'

type Perform = (call: Call, signal: AbortSignal, progress?: Progress) => Promise<Answer>

let way: Promise<typeof import('../pipeline/perform.ts')> | undefined

/**
 * The calls under way of one connection, one session or one server. A call ends only when its last record is written, so whoever waits
 * for all of them may close the audit afterwards.
 */
export class CallsUnderWay {
  readonly #next: Perform
  readonly #calls = new Set<Promise<unknown>>()

  constructor(next: Perform) {
    this.#next = next
  }

  /** The one way is read when the first call goes it: a list of tools is answered without. */
  static through(bridge: () => Bridge): CallsUnderWay {
    return new CallsUnderWay(async (call, signal, progress) => {
      // Looking a module up takes longer than what it is looked up for.
      way ??= import('../pipeline/perform.ts')
      const { perform } = await way
      return perform(call, bridge(), signal, progress)
    })
  }

  /** A part of these calls that is counted by itself. */
  part(): CallsUnderWay {
    return new CallsUnderWay((call, signal, progress) => this.perform(call, signal, progress))
  }

  get count(): number {
    return this.#calls.size
  }

  perform(call: Call, signal: AbortSignal, progress?: Progress): Promise<Answer> {
    return this.during(this.#next(call, signal, progress))
  }

  /** Counts what belongs to a call and comes before it, or after it. */
  during<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(
      () => undefined,
      () => undefined,
    )
    this.#calls.add(ended)
    void ended.finally(() => this.#calls.delete(ended))
    return work
  }

  async allEnded(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls)
  }
}
