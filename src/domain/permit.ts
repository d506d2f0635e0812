import type { Call } from './call.ts'
import type { Decision } from './decision.ts'

/** What a human answered: the very decision that asked for it, and who said yes. Made where approvals are kept. */
export interface Approval {
  /** The call that was approved. */
  readonly call: string
  readonly by: 'people' | 'confirmation' | 'grant'
  /** Names of those who said yes, for the audit; of a grant its id. */
  readonly who: readonly string[]
}

/**
 * The proof that a call may run. `ssh/` takes nothing else, and only `Permit.for` makes one: the private field cannot be copied by
 * a spread nor written by hand.
 */
export class Permit {
  readonly #call: Call
  readonly #rule: string
  readonly #script: string | undefined

  private constructor(call: Call, rule: string, script: string | undefined) {
    this.#call = call
    this.#rule = rule
    this.#script = script
  }

  get call(): Call {
    return this.#call
  }

  get rule(): string {
    return this.#rule
  }

  /** What is run in place of the command's text, where it was allowed for what was understood of it. */
  get script(): string | undefined {
    return this.#script
  }

  /** @throws TypeError when the decision is not `allow`, nor `approve` with the approval of this call: a caller that asks anyway has a defect. */
  static for(call: Call, decision: Decision, approval?: Approval): Permit {
    if (decision.verdict === 'allow') return new Permit(call, decision.rule, decision.script)
    if (decision.verdict === 'approve' && approval?.call === call.id)
      return new Permit(call, decision.rule, undefined)
    throw new TypeError(`no permit for call ${call.id}: ${decision.verdict}`)
  }
}
