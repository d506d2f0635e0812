import { isDeepStrictEqual } from 'node:util'

/** A step did not hold: what should have been, and what came instead. */
export class StepFailed extends Error {
  readonly expected: string
  readonly came: string

  constructor(what: string, expected: unknown, came: unknown) {
    super(what)
    this.name = 'StepFailed'
    this.expected = words(expected)
    this.came = words(came)
  }
}

/** @throws StepFailed unless the two are equal, member by member. */
export function expectEqual(what: string, came: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(came, expected)) throw new StepFailed(what, expected, came)
}

/** @throws StepFailed unless `came` holds `expected`, as a substring or as an element. */
export function expectIncludes(what: string, came: string | readonly string[], expected: string): void {
  if (!came.includes(expected)) throw new StepFailed(what, expected, came)
}

/** @throws StepFailed when `came` holds `unwanted`. */
export function expectWithout(what: string, came: string, unwanted: string): void {
  if (came.includes(unwanted)) throw new StepFailed(what, `nothing that holds ${unwanted}`, came)
}

/** @throws StepFailed when a value that an earlier step should have found is missing. */
export function known<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new StepFailed(what, 'a value', 'nothing')
  return value
}

const MOST_CHARACTERS = 400

function words(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}
