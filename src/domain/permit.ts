import type { Call } from './call.ts'
import type { Decision } from './decision.ts'

/**
 * The proof that a call may run. `ssh/` takes nothing else, and only `Permit.for` makes one: the private field cannot be copied by
 * a spread nor written by hand.
 */
export class Permit {
  readonly #call: Call
  readonly #rule: string

  private constructor(call: Call, rule: string) {
    this.#call = call
    this.#rule = rule
  }

  get call(): Call {
    return this.#call
  }

  get rule(): string {
    return this.#rule
  }

  /** @throws TypeError when the decision is not `allow`: a caller that asks anyway has a defect. */
  static for(call: Call, decision: Decision): Permit {
    if (decision.verdict !== 'allow')
      throw new TypeError(`no permit for call ${call.id}: ${decision.verdict}`)
    return new Permit(call, decision.rule)
  }
}
