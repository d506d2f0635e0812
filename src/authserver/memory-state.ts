import type { SealedEntry, SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'

interface Kept {
  readonly text: string
  readonly expiresAt?: Date
}

/** For the demo and for tests: all in memory, gone when the server is closed. A value comes back as it would from a file. */
export class MemoryState implements SealedState {
  readonly #clock: Clock
  readonly #kinds = new Map<string, Map<string, Kept>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async find(kind: string, id: string): Promise<unknown> {
    const kept = this.#of(kind).get(id)
    if (kept === undefined || this.#isOver(kept)) return undefined
    return JSON.parse(kept.text)
  }

  async save(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<void> {
    this.#of(kind).delete(id)
    this.#of(kind).set(id, { text: JSON.stringify(value), ...(expiresAt && { expiresAt }) })
  }

  async add(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<boolean> {
    const kept = this.#of(kind).get(id)
    if (kept !== undefined && !this.#isOver(kept)) return false
    await this.save(kind, id, value, expiresAt)
    return true
  }

  async remove(kind: string, id: string): Promise<boolean> {
    return this.#of(kind).delete(id)
  }

  async list(kind: string): Promise<readonly SealedEntry[]> {
    return [...this.#of(kind)]
      .filter(([, kept]) => !this.#isOver(kept))
      .map(([id, { text, expiresAt }]) => ({ id, value: JSON.parse(text), ...(expiresAt && { expiresAt }) }))
  }

  async count(kind: string): Promise<number> {
    return this.#of(kind).size
  }

  async trim(kind: string, most: number): Promise<void> {
    const entries = this.#of(kind)
    for (const id of [...entries.keys()].slice(0, Math.max(0, entries.size - most))) entries.delete(id)
  }

  #of(kind: string): Map<string, Kept> {
    const known = this.#kinds.get(kind) ?? new Map<string, Kept>()
    this.#kinds.set(kind, known)
    return known
  }

  #isOver({ expiresAt }: Kept): boolean {
    return expiresAt !== undefined && expiresAt.getTime() <= this.#clock.now().getTime()
  }
}
