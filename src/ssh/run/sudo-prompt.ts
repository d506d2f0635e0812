/** How long sudo may take until it asks or starts; its input is closed then, so that whatever it waits for it does not wait on. */
export const PROMPT_MS = 15_000

/**
 * Waits for sudo's question on stderr, wherever chunks are cut, and answers it once. A password is sent only to a question: with a rule
 * that needs none, it never leaves the bridge. Closed as soon as what sudo starts has begun, which may print whatever it likes.
 */
export class SudoPrompt {
  readonly #prompt: string
  readonly #answer: () => void
  #seen = ''
  #isOpen = true

  constructor(prompt: string, answer: () => void) {
    this.#prompt = prompt
    this.#answer = answer
  }

  push(chunk: Buffer): void {
    if (!this.#isOpen) return
    const text = this.#seen + chunk.toString('latin1')
    this.#seen = text.slice(-this.#prompt.length)
    if (!text.includes(this.#prompt)) return
    this.#isOpen = false
    this.#answer()
  }

  close(): void {
    this.#isOpen = false
  }
}
