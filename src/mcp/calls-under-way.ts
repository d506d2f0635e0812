import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Progress } from '../domain/progress.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { perform } from '../pipeline/perform.ts'

type Perform = (call: Call, signal: AbortSignal, progress?: Progress) => Promise<Answer>

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

  static through(bridge: Bridge): CallsUnderWay {
    return new CallsUnderWay((call, signal, progress) => perform(call, bridge, signal, progress))
  }

  /** A part of these calls that is counted by itself. */
  part(): CallsUnderWay {
    return new CallsUnderWay((call, signal, progress) => this.perform(call, signal, progress))
  }

  get count(): number {
    return this.#calls.size
  }

  perform(call: Call, signal: AbortSignal, progress?: Progress): Promise<Answer> {
    const answer = this.#next(call, signal, progress)
    const ended = answer.catch(() => undefined).finally(() => this.#calls.delete(ended))
    this.#calls.add(ended)
    return answer
  }

  async allEnded(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls)
  }
}
