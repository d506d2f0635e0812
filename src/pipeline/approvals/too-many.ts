import type { Call } from '../../domain/call.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { type Waiting, weightOf } from './waiting.ts'

/** Of all principals together: a flood of requests takes no more memory than this. */
const MOST_WAITING = 2_000

/** Of what would be written and run; and so much again of requests that are over. */
export const MOST_BYTES = 128 * 1024 * 1024

/** Whether one more call finds no room among these. */
export function isFull(requests: readonly Waiting[], call: Call): boolean {
  const waiting = requests.filter(({ state }) => state === 'waiting')
  const bytes = waiting.reduce((sum, one) => sum + one.bytes, weightOf(call.action))
  return waiting.length >= MOST_WAITING || bytes > MOST_BYTES
}

/** Of one principal. */
export function tooMany(most: number): NotStarted {
  return refused(
    `${most} requests of yours wait for approval, which is the limit. Wait for answers, or withdraw one with cancel_command. Nothing was run.`,
  )
}

/** Of all principals together. */
export function tooManyInAll(): NotStarted {
  return refused('Too many requests of all callers wait for approval. Nothing was run; try again later.')
}

function refused(message: string): NotStarted {
  return { kind: 'not_started', code: 'rate_limited', message }
}
