import { callSteps } from './call-steps.ts'
import { StepFailed } from './expect.ts'
import { refusalSteps } from './refusal-steps.ts'
import type { StepReport } from './report.ts'
import { signInSteps } from './sign-in-steps.ts'
import type { Stage } from './stage.ts'
import type { Step } from './story.ts'

/** The whole story: the way in, a call, and what is refused. */
export const STEPS: readonly Step[] = [...signInSteps, ...callSteps, ...refusalSteps]

/**
 * Plays the steps in order and reports each. A step builds on the ones before it, so the first that does not hold ends the play and the
 * others are reported as not played. Resolves with whether every step held.
 */
export async function play(
  stage: Stage,
  steps: readonly Step[],
  report: (step: StepReport) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const story = { endpoint: `${stage.bridgeUrl}/mcp` }
  let allHeld = true
  for (const [index, { title, play: act }] of steps.entries()) {
    const step = { number: index + 1, title }
    if (!allHeld || signal.aborted) {
      allHeld = false
      report({ ...step, state: 'not_played' })
      continue
    }
    try {
      report({ ...step, state: 'held', ...(await act(stage, story)) })
    } catch (error) {
      allHeld = false
      report({ ...step, state: 'failed', ...failureOf(error) })
    }
  }
  return allHeld
}

function failureOf(error: unknown): { what: string; expected: string; came: string } {
  if (error instanceof StepFailed) return { what: error.message, expected: error.expected, came: error.came }
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return {
    what: 'the step',
    expected: 'to be carried out',
    came: `${error instanceof Error ? error.message : String(error)}${cause}`,
  }
}
