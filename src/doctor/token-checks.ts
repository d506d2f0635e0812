import { REFUSALS } from '../oauth/refusals.ts'
import { requiredScopes } from '../policy/scopes.ts'
import type { Check } from './check.ts'
import { failure, note, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'
import { OTHERWISE, remedyFor } from './token-remedies.ts'
import { audiencesIn, type TokenStory, tokenStory } from './token-story.ts'

/** A token claim by claim, each as the bridge's own verifier sees it. */
export const tokenChecks: readonly Check[] = [
  claim('token-form', {
    title: 'The token can be read',
    means: 'It is opaque, encrypted, cut off, or signed with an algorithm that is not accepted.',
    mend: 'Have the provider give out signed JWT access tokens for the address of the bridge (Auth0: an audience), or configure `server.oauth.introspection`.',
    good: ({ isApiKey }) => (isApiKey ? 'It is an API key of this configuration.' : 'It is a signed JWT.'),
  }),
  claim('token-kind', {
    title: 'The token is an access token',
    means: 'ID tokens, refresh tokens and others of the same provider look alike and give no right.',
    mend: 'Use `access_token` of the answer of the token endpoint.',
    good: ({ isApiKey }) => (isApiKey ? undefined : 'It is an access token.'),
  }),
  claim('token-issuer', {
    title: '`iss`: it is from a configured issuer',
    means: 'Its `iss` is compared letter for letter with the configured issuers; the final slash counts.',
    mend: 'Write the `iss` of the token into `server.oauth.issuer`.',
    good: ({ claims }) => claims && `iss is ${shown(claims.iss)}, which is configured.`,
    seen: ({ claims }) => `iss: ${shown(claims?.iss)}`,
  }),
  claim('token-audience', {
    title: '`aud`: it is for this bridge',
    means:
      'A token must name this server, by its address or by a configured `audience`. Keycloak names no audience until a mapper is added; Auth0 gives a token for this server only when asked with an audience; Entra ID names the API’s client id.',
    mend: 'Have the provider put the address of the bridge into `aud`, or write what is there, if it is your API, into `server.oauth.audience`.',
    good: ({ claims }) => claims && `aud is ${audiencesIn(claims).join(', ')}.`,
    seen: ({ claims }) => `aud: ${shown(claims?.aud)}`,
  }),
  claim('token-time', {
    title: '`exp`, `nbf`, `iat`: it is valid now',
    means: 'It has ended, or begins in the future by the clock here; 60 seconds are forgiven.',
    mend: 'Get a new token; set the clocks by NTP.',
    good: ({ claims }, now) => claims && `It ends ${inWords(claims.exp, now)}.`,
    seen: ({ claims }, now) =>
      ['iat', 'nbf', 'exp']
        .flatMap((name) => (claims?.[name] === undefined ? [] : [`${name} ${inWords(claims[name], now)}`]))
        .join(', '),
  }),
  claim('token-who', {
    title: '`sub` and the like: it says who asks',
    means:
      'The person, their groups or the client cannot be read from the claims, or the provider left groups out because they were too many.',
    mend: 'Have the provider put the claims in, or name them in `server.oauth.claims`; with too many groups emit only those assigned to the application.',
    good: ({ principal }) => principal && whoText(principal),
    seen: ({ claims }) => `sub: ${shown(claims?.sub)}`,
  }),
  claim('token-signature', {
    title: 'The signature is that of the issuer',
    means: 'It was not signed with a key that the issuer publishes, or those keys cannot be fetched.',
    mend: 'Sign in again; see [server-keys](#server-keys).',
    good: ({ principal, isApiKey }) =>
      principal && !isApiKey ? 'The signature is that of the issuer.' : undefined,
  }),
  {
    id: 'token-scopes',
    of: 'token',
    title: '`scope`: it has the scopes that the hosts need',
    means:
      'A command needs `mcp:execute` and what `required_scopes` of its host name. Clients step up when one is missing; when the provider does not know or not grant the scope, that never ends.',
    mend: 'Define the scopes at the provider, let the person have them, and sign in again.',
    run: async (_, look) => {
      const { principal } = await story(look)
      if (principal === undefined || principal.scopes === 'all') return []
      const { scopes } = principal
      const hosts = (look.settings.config?.hosts ?? []).filter(({ isHop }) => isHop !== true)
      const lacking = hosts.flatMap(({ host }) => {
        const missing = requiredScopes(host.requiredScopes).filter((scope) => !scopes.has(scope))
        return missing.length > 0 ? [{ name: host.name, missing }] : []
      })
      const held = [...scopes].join(' ') || 'none'
      const wanted =
        lacking.length > 0
          ? [...new Set(lacking.flatMap(({ missing }) => missing))]
          : requiredScopes([]).filter((scope) => !scopes.has(scope))
      if (wanted.length === 0) return ok(`Its scopes are: ${held}.`)
      const where = lacking
        .map(({ name }) => name)
        .slice(0, 5)
        .join(', ')
      const isForAll = wanted.includes('mcp:execute')
      const say = isForAll ? failure : note
      return say(
        `It lacks ${wanted.join(' ')}${where === '' ? '' : `, without which nothing runs on ${where}`}.`,
        `Define ${wanted.join(', ')} as scopes of the API at the provider, grant them to the person (Auth0: with RBAC, as permissions; Keycloak: as client scopes; Entra ID: Expose an API), and sign in again.`,
        `scopes: ${held}`,
      )
    },
  },
]

interface Words {
  readonly title: string
  readonly means: string
  readonly mend: string
  /** Said when nothing is against it; undefined where the claim was not come to. */
  readonly good: (told: TokenStory, now: Date) => string | undefined
  readonly seen?: (told: TokenStory, now: Date) => string
}

function claim(id: string, { title, means, mend, good, seen }: Words): Check {
  return {
    id,
    of: 'token',
    title,
    means,
    mend,
    run: async (_, look) => {
      const told = await story(look)
      const now = look.settings.now()
      const reason = told.reasons.find((one) => (remedyFor(one)?.check ?? OTHERWISE) === id)
      if (reason !== undefined) return refused(reason, told, look, seen?.(told, now))
      // What comes behind the reason at which the verifier stopped was not looked at.
      const text =
        told.principal !== undefined || isBefore(id, told.reasons.at(-1)) ? good(told, now) : undefined
      return text === undefined ? [] : ok(text)
    },
  }
}

/** In the order in which the verifier asks. */
const ORDER = [
  'token-form',
  'token-issuer',
  'token-kind',
  'token-audience',
  'token-time',
  'token-who',
  'token-signature',
]

function isBefore(id: string, reason: string | undefined): boolean {
  return reason !== undefined && ORDER.indexOf(id) < ORDER.indexOf(remedyFor(reason)?.check ?? OTHERWISE)
}

function refused(reason: string, { provider }: TokenStory, look: Look, seen: string | undefined): Said[] {
  const remedy = remedyFor(reason)
  const words = Object.hasOwn(REFUSALS, reason)
    ? REFUSALS[reason as keyof typeof REFUSALS].description
    : reason
  const fix =
    remedy?.of?.[provider ?? ''] ?? remedy?.fix ?? 'Ask the provider for an access token for this server.'
  // Without the configuration it is not known what else the bridge takes: the first calls tell.
  const say = look.settings.config === undefined ? warning : failure
  return say(remedy?.what ?? words, fix.replaceAll('ADDRESS', look.mcpUrl), seen ?? `${reason}: ${words}`)
}

function story(look: Look): Promise<TokenStory> {
  return tokenStory(look.settings.token ?? '', look)
}

function shown(value: unknown): string {
  return value === undefined
    ? 'not there'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value).slice(0, 300)
}

function whoText({
  name,
  email,
  subject,
  groups,
  clientId,
  isMachine,
}: NonNullable<TokenStory['principal']>): string {
  const person = [name, email, subject]
    .filter((one, at, all) => one !== undefined && all.indexOf(one) === at)
    .join(', ')
  const client = clientId === undefined ? '' : `, by the client ${clientId}`
  const member = groups.length > 0 ? `; groups: ${groups.slice(0, 20).join(', ')}` : ''
  return `${isMachine ? 'A service' : 'It speaks of'} ${person}${client}${member}.`.replace(
    /^A service/,
    'It speaks of the service',
  )
}

function inWords(time: unknown, now: Date): string {
  if (typeof time !== 'number') return `at ${shown(time)}`
  const seconds = Math.round(time - now.getTime() / 1000)
  const size = Math.abs(seconds)
  const text =
    size < 120
      ? `${size} seconds`
      : size < 7_200
        ? `${Math.round(size / 60)} minutes`
        : size < 172_800
          ? `${Math.round(size / 3_600)} hours`
          : `${Math.round(size / 86_400)} days`
  return seconds < 0 ? `${text} ago` : `in ${text}`
}
