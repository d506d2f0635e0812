/** Longer than a line of typing; what is typed beyond it without being shown is not looked for. */
const MOST_LOOKED_AT = 4_096

/** Control sequences, and controls but those that stand for themselves here. */
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[PX\]^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|[\0-\x1f\x7f]/g

/**
 * Tells what was typed and shown from what was typed and not. A bridge does not see whether a host echoes; but what a password prompt
 * takes does not come back. So what is typed counts as shown only when the very next thing that the host prints begins with it.
 */
export class TypedEcho {
  #typed = ''
  #printed = ''

  /** More was typed. What was typed before and has not come back is not shown: the answer says so. */
  type(text: string): 'unseen' | undefined {
    const isUnseen = printableOf(this.#typed) !== '' && this.#printed !== ''
    if (isUnseen) this.#typed = ''
    this.#typed = (this.#typed + text).slice(-MOST_LOOKED_AT)
    this.#printed = ''
    return isUnseen ? 'unseen' : undefined
  }

  /** What was typed, once the host has shown it; `unseen` when it prints something else; undefined while that is open. */
  print(text: string): { readonly shown: string } | 'unseen' | undefined {
    if (this.#typed === '') return undefined
    this.#printed = (this.#printed + text).slice(0, 2 * MOST_LOOKED_AT)
    const [typed, printed] = [printableOf(this.#typed), printableOf(this.#printed)]
    // guard: passwords-are-not-recorded
    if (printed.startsWith(typed)) return this.#settled({ shown: this.#typed })
    // A line end alone is what follows a password; more of the echo may come.
    if (typed.startsWith(printed) && !/[\r\n]/.test(this.#printed)) return undefined
    return this.#settled('unseen')
  }

  #settled<T>(answer: T): T {
    this.#typed = ''
    this.#printed = ''
    return answer
  }
}

function printableOf(text: string): string {
  return text.replace(SEQUENCES, '')
}
