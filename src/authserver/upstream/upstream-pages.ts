import { html } from '../html.ts'
import { page, problem, problemPage } from '../pages.ts'
import type { UpstreamFault } from './fault.ts'

/** What went wrong at the provider, what to do about it, and a way to try again. */
export function faultPage({ message, whatToDo, reason }: UpstreamFault, again: string): string {
  return page(
    reason === 'declined' ? 'Not signed in' : 'You could not be signed in',
    problem(message),
    html`<p>${whatToDo}</p>
<div class="buttons"><a class="button main" href="${again}">Try again</a></div>
<p class="soft">For whoever runs the bridge: <code>${reason}</code></p>`,
  )
}

/** The answer of a provider that nobody waits for here: too old, used already, or of another browser. */
export function startAgainPage(again?: string): string {
  const text = 'This sign-in took too long, or was begun elsewhere.'
  if (again === undefined)
    return problemPage('Start again', `${text} Go back to your client and connect once more.`)
  return page(
    'Start again',
    problem(text),
    html`<div class="buttons"><a class="button main" href="${again}">Sign in</a></div>`,
  )
}

export function tooManyPage(waitS: number): string {
  return problemPage(
    'Too many sign-ins',
    `Too many sign-ins were begun from this address. Wait ${waitS} seconds.`,
  )
}
