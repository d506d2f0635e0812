import { type Content, html } from '../html.ts'
import type { PageAnswer } from '../login.ts'
import { button, field, form, messagePage, page, problem, problemPage } from '../pages.ts'

/** The second step of signing in. */
export function codePage(wrong?: string): string {
  return page(
    'One more step',
    form(
      [problem(wrong), oneTimeCode('Code', 'The six digits that your authenticator app shows now.')],
      [button('Sign in', 'code', true), button('Start again', 'again')],
    ),
  )
}

export function tooOftenPage(waitSeconds: number): string {
  const time =
    waitSeconds > 90
      ? `${Math.ceil(waitSeconds / 60)} minutes`
      : `${waitSeconds} second${waitSeconds === 1 ? '' : 's'}`
  return problemPage('Too many attempts', `Wait ${time}, then go back and try again.`)
}

/** Too many passwords are being worked on. */
export const BUSY = {
  kind: 'page',
  status: 429,
  html: tooOftenPage(1),
  retryAfterS: 1,
} as const satisfies PageAnswer

/** The first step behind a set-up link. */
export function choosePasswordPage(username: string, wrong?: string): string {
  return page(
    'Choose a password',
    html`<p>With it you sign in when a client asks to use your servers. At least 12 characters; several words together are easy to remember.</p>`,
    form(
      [
        problem(wrong),
        // Password managers keep the new password under this name.
        html`<label>User name<input name="username" autocomplete="username" value="${username}" readonly></label>`,
        field({
          label: 'New password',
          name: 'password',
          type: 'password',
          autocomplete: 'new-password',
          first: true,
        }),
        field({ label: 'The same again', name: 'again', type: 'password', autocomplete: 'new-password' }),
      ],
      [button('Go on', 'password', true)],
    ),
  )
}

/** The second: whether a code of an app is asked for too. */
export function addCodePage(secret: string, uri: string, wrong?: string): string {
  return page(
    'Protect it with a code',
    html`<p>With an authenticator app, a password that somebody learns is not enough. Add this key to the app, then type the code it shows.</p>
<dl><dt>Key</dt><dd><code>${secret.replace(/(.{4})(?!$)/g, '$1 ')}</code></dd>
<dt>The same as an address, for apps on this device</dt><dd><a href="${uri}"><code>${uri}</code></a></dd></dl>`,
    form(
      [problem(wrong), oneTimeCode('Code', 'Six digits. Leave it empty if you go on without.', true)],
      [button('Add the code', 'confirm', true), button('Go on without', 'skip')],
    ),
  )
}

export function readyPage(): string {
  return messagePage(
    'You are ready',
    'Your password is set. Connect your client; it will bring you to the page to sign in.',
  )
}

/** Wrong, used, or too old: whoever guesses learns nothing from which of them. */
export function deadLinkPage(): string {
  return problemPage(
    'This link does not work',
    'It was used already, is older than a day, or is not complete. Ask whoever runs the bridge for a new one.',
  )
}

function oneTimeCode(label: string, hint: string, optional?: true): Content {
  return field({
    label,
    hint,
    name: 'code',
    autocomplete: 'one-time-code',
    digits: 6,
    first: true,
    ...(optional && { optional }),
  })
}
