import type { HostTarget, PromptAnswer } from '../../domain/host.ts'
import type { OneTimeCodes } from './one-time-codes.ts'

export interface Prompt {
  readonly text: string
  /** What is typed would be shown: no password is asked for. */
  readonly isVisible: boolean
}

/** The answers, in the order of the questions, or the question that nobody has an answer for. */
export type Answers = { readonly answers: readonly string[] } | { readonly unanswered: string }

/**
 * Answers what a host asks during one attempt to sign in (RFC 4256): from the configured answers, by a part of the question, and what is
 * left and hidden with the password. The same question is answered once: a host that asks again has refused the answer, and a wrong
 * one must not lock the account.
 */
export class PromptAnswers {
  readonly #target: HostTarget
  readonly #codes: OneTimeCodes
  readonly #signal: AbortSignal
  readonly #asked = new Set<string>()

  constructor(target: HostTarget, codes: OneTimeCodes, signal: AbortSignal) {
    this.#target = target
    this.#codes = codes
    this.#signal = signal
  }

  /** Whether any question can be answered at all. */
  static areThereFor({ answers, credential }: HostTarget): boolean {
    return answers.length > 0 || credential.kind === 'password'
  }

  /** Rejects when the attempt is over while a one-time code is waited for. */
  async to(prompts: readonly Prompt[]): Promise<Answers> {
    const answers: string[] = []
    for (const { text, isVisible } of prompts) {
      const answer = this.#asked.has(text) ? undefined : await this.#answer(text, isVisible)
      if (answer === undefined) return { unanswered: text }
      this.#asked.add(text)
      answers.push(answer)
    }
    return { answers }
  }

  async #answer(text: string, isVisible: boolean): Promise<string | undefined> {
    const { answers, credential } = this.#target
    const configured = answers.find((each) => isMeantFor(each, text))
    if (configured === undefined)
      return credential.kind === 'password' && !isVisible ? credential.password : undefined
    if ('answer' in configured) return configured.answer
    return this.#codes.next(configured.totpSecret, this.#signal)
  }
}

function isMeantFor({ prompt }: PromptAnswer, question: string): boolean {
  return question.toLowerCase().includes(prompt.toLowerCase())
}
