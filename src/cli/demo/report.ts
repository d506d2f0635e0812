import { never } from '../../lib/never.ts'
import type { Evidence } from './story.ts'

export type StepReport = { readonly number: number; readonly title: string } & (
  | ({ readonly state: 'held' } & Evidence)
  | { readonly state: 'failed'; readonly what: string; readonly expected: string; readonly came: string }
  | { readonly state: 'not_played' }
)

/** One line a step: `✔ 3 user authenticated: …`; below it, indented, what is worth seeing. */
export function stepText(step: StepReport): string {
  const { number, title } = step
  switch (step.state) {
    case 'held':
      return [
        `✔ ${number} ${title}: ${step.detail}`,
        ...(step.shown ?? []).map((line) => `    ${printable(line)}`),
      ].join('\n')
    case 'failed':
      return `✘ ${number} ${title}: ${step.what}: expected ${printable(step.expected)}, came ${printable(step.came)}`
    case 'not_played':
      return `- ${number} ${title}: not played`
    default:
      return never(step)
  }
}

/** One JSON object a step, for programs. */
export function stepJson({ number, ...step }: StepReport): string {
  return JSON.stringify({ step: number, ...step })
}

/** Output of a command goes to a terminal here: what would move the cursor is shown as a space. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}
