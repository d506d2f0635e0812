import type { LoginEvent } from '../src/domain/login-event.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const whence = { client: 'https://claude.ai/oauth/client.json', remoteAddress: '192.0.2.7' } as const
const token = {
  at,
  subject: 'user-1',
  resource: 'https://ssh-mcp.example.com/mcp',
  scopes: ['mcp:execute'],
} as const

/** One of each event of the built-in login, in the order of a sign-in. */
export const LOGIN_EXAMPLES: {
  readonly [Type in LoginEvent['type']]: readonly [means: string, event: LoginEvent]
} = {
  'client.registered': [
    'A client has registered itself with the built-in login. What it calls itself proves nothing; `redirects` are the only places to which its answers go.',
    {
      type: 'client.registered',
      at,
      client: 'AAAAAAAAAAAAAAAAAAAAA',
      name: 'Example client',
      redirects: ['http://127.0.0.1/callback'],
      remoteAddress: '192.0.2.7',
    },
  ],
  'consent.given': [
    'That person lets the client act for them, with these scopes.',
    { type: 'consent.given', ...token, ...whence },
  ],
  'consent.denied': [
    'They do not, or may not: nothing of `scopes` was given.',
    { type: 'consent.denied', ...token, ...whence },
  ],
  'token.issued': [
    'The client has exchanged its code for tokens.',
    { type: 'token.issued', ...token, ...whence },
  ],
  'token.refreshed': [
    'The client has exchanged its refresh token for new ones; the old one counts no more.',
    { type: 'token.refreshed', ...token, ...whence },
  ],
  'token.reused': [
    'A code or refresh token came a second time: somebody else has it too. Everything that was given under the same consent has ended, whoever holds it; access tokens run out within `server.oauth.access_token`.',
    { type: 'token.reused', at, what: 'refresh_token', subject: 'user-1', ...whence },
  ],
  'token.revoked': [
    'The client has given its tokens back.',
    { type: 'token.revoked', at, subject: 'user-1', ...whence },
  ],
  'login.throttled': [
    'Too much of one kind came from one address. The first refusal of each pause; others are not recorded.',
    { type: 'login.throttled', at, what: 'registration', remoteAddress: '192.0.2.7' },
  ],
  'client.forgotten': [
    'A registration was removed: by an operator, or because nobody had used it for `server.oauth.registration.keep` days and others came.',
    { type: 'client.forgotten', at, client: 'AAAAAAAAAAAAAAAAAAAAA', by: 'operator at the command line' },
  ],
  'console.signed_in': [
    'Somebody signed in on the console, from a browser: by a token of the provider, or with an API key.',
    {
      type: 'console.signed_in',
      at,
      principal: {
        issuer: 'https://ssh-mcp.example.com',
        subject: 'user-1',
        method: 'oauth',
        email: 'alice@example.com',
        groups: [],
        roles: [],
        scopes: new Set(['mcp:approve']),
      },
      remoteAddress: '192.0.2.7',
    },
  ],
  'key.rotated': [
    'New signing keys are published, and sign from `from` on. What the old ones signed stays good until it expires.',
    { type: 'key.rotated', at, keys: ['kid-1', 'kid-2'], from: at, by: 'age' },
  ],
}
