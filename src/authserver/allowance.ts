import { sourceOf } from '../lib/source-of.ts'

const HOUR_MS = 3_600_000
/** Addresses remembered, some 100 bytes each. The one longest without a request is forgotten first. */
const MOST_SOURCES = 10_000

export type Taken =
  | { readonly kind: 'taken' }
  /** `isFirst`: nothing was refused since the last one that was taken. */
  | { readonly kind: 'refused'; readonly waitMs: number; readonly isFirst: boolean }

interface Left {
  readonly left: number
  readonly atMs: number
  readonly wasRefused: boolean
}

/** So many an hour from each network address, at once or spread over it. In memory: a restart begins anew. */
export class Allowance {
  readonly #perHour: () => number
  readonly #sources = new Map<string, Left>()

  constructor(perHour: () => number) {
    this.#perHour = perHour
  }

  take(remoteAddress: string | undefined, nowMs: number): Taken {
    const source = sourceOf(remoteAddress)
    const perHour = this.#perHour()
    const known = this.#sources.get(source) ?? { left: perHour, atMs: nowMs, wasRefused: false }
    const left = Math.min(perHour, known.left + ((nowMs - known.atMs) / HOUR_MS) * perHour)
    const isTaken = left >= 1
    this.#sources.delete(source)
    this.#sources.set(source, { left: isTaken ? left - 1 : left, atMs: nowMs, wasRefused: !isTaken })
    const [oldest] = this.#sources.keys()
    if (this.#sources.size > MOST_SOURCES && oldest !== undefined) this.#sources.delete(oldest)
    if (isTaken) return { kind: 'taken' }
    return { kind: 'refused', waitMs: ((1 - left) / perHour) * HOUR_MS, isFirst: !known.wasRefused }
  }
}
