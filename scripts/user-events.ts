import type { UserEvent } from '../src/domain/user.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const user = {
  id: 'user_AAAAAAAAAAAAAAAAAAAAAA',
  username: 'alice',
  groups: ['ops'],
  scopes: ['mcp:execute'],
} as const
const by = 'root at the command line'

/** One of each event about users of the bridge. */
export const USER_EXAMPLES: {
  readonly [Type in UserEvent['type']]: readonly [means: string, event: UserEvent]
} = {
  'user.added': [
    'Somebody may sign in at the bridge from now on, once a password is chosen. On record with the change itself, by who typed it.',
    { type: 'user.added', at, user, by },
  ],
  'user.changed': [
    'What is known of a user was said anew: `groups` and `scopes` are those from now on.',
    { type: 'user.changed', at, user, by },
  ],
  'user.reset': [
    'The password and the one-time code of a user have ended, and there is a new set-up link.',
    { type: 'user.reset', at, user, by },
  ],
  'user.disabled': ['A user is kept out.', { type: 'user.disabled', at, user, by }],
  'user.enabled': ['A disabled user may sign in again.', { type: 'user.enabled', at, user, by }],
  'user.removed': ['A user is no more.', { type: 'user.removed', at, user, by }],
}
