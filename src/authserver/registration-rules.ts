import { isLoopbackHost } from './consent-page.ts'

const MOST_REDIRECTS = 20
const LONGEST_REDIRECT = 2_048
/** Of a client. Longer ones would push what is known of it off the page that asks about it. */
export const LONGEST_NAME = 200
const GRANT_TYPES = ['authorization_code', 'refresh_token']
const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post']

/** RFC 7591 §3.2.2. */
export interface RegistrationRefused {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
  readonly error_description: string
}

export type CheckedRegistration =
  | { readonly kind: 'refused'; readonly refused: RegistrationRefused }
  | { readonly kind: 'good'; readonly metadata: Readonly<Record<string, unknown>> }

/**
 * What of a registration counts here: the name, where answers go, and how the client proves itself. All else that clients send along (addresses of
 * logos and policies, scopes, contacts) is left out, as RFC 7591 §2 lets a server do.
 */
export function checkRegistration(body: unknown, redirectHosts: readonly string[]): CheckedRegistration {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refused('invalid_client_metadata', 'Send the registration as one JSON object.')
  const {
    redirect_uris: uris,
    client_name: name,
    grant_types: grants,
    ...rest
  } = body as Record<string, unknown>
  const fault = redirectsFault(uris, redirectHosts)
  if (fault !== undefined) return refused('invalid_redirect_uri', fault)
  if (name !== undefined && (typeof name !== 'string' || name.length > LONGEST_NAME))
    return refused(
      'invalid_client_metadata',
      `client_name must be text of at most ${LONGEST_NAME} characters.`,
    )
  const types = rest.response_types ?? ['code']
  if (!isListOf(types, ['code']))
    return refused(
      'invalid_client_metadata',
      'response_types can only be ["code"]: implicit answers are not given.',
    )
  const method = rest.token_endpoint_auth_method ?? 'client_secret_basic'
  if (!AUTH_METHODS.includes(String(method)))
    return refused(
      'invalid_client_metadata',
      `token_endpoint_auth_method must be one of ${AUTH_METHODS.join(', ')}.`,
    )
  const known = Array.isArray(grants) ? grants.filter((one) => GRANT_TYPES.includes(one)) : GRANT_TYPES
  if (!known.includes('authorization_code'))
    return refused('invalid_client_metadata', 'grant_types must hold authorization_code.')
  return {
    kind: 'good',
    metadata: {
      redirect_uris: uris,
      ...(name !== undefined && name !== '' && { client_name: name }),
      grant_types: known,
      response_types: ['code'],
      token_endpoint_auth_method: method,
      application_type: 'native',
    },
  }
}

/** Why these are not where answers may go; undefined when they are. */
export function redirectsFault(uris: unknown, redirectHosts: readonly string[]): string | undefined {
  if (!Array.isArray(uris) || uris.length === 0 || uris.length > MOST_REDIRECTS)
    return `redirect_uris must be a list of 1 to ${MOST_REDIRECTS} addresses.`
  // guard: redirect-hosts
  const wrong = uris.find((uri) => !isAllowedRedirect(uri, redirectHosts))
  if (wrong === undefined) return undefined
  const text = JSON.stringify(wrong)?.slice(0, 200)
  const allowed = ['http on loopback', ...redirectHosts].join(', ')
  return `redirect_uris: ${text} is not allowed here. Allowed are: ${allowed}. The operator can add its host to server.oauth.registration.redirect_hosts.`
}

/**
 * Loopback over http with any port (RFC 8252 §7.3), https at exactly a listed host (with its port, when it is another than 443), or a listed
 * private scheme: `cursor://anysphere.cursor-mcp` with its host, `com.example.app:` without one.
 */
function isAllowedRedirect(uri: unknown, redirectHosts: readonly string[]): boolean {
  // What browsers and this parser read differently is not taken: spaces, controls, backslashes.
  if (typeof uri !== 'string' || uri.length > LONGEST_REDIRECT || /[^\x21-\x7e]|[\\#]/.test(uri)) return false
  const url = URL.parse(uri)
  if (url === null || url.username !== '' || url.password !== '') return false
  switch (url.protocol) {
    case 'http:':
      return isLoopbackHost(url.hostname)
    case 'https:':
      return redirectHosts.some((host) => host.toLowerCase() === url.host)
    default:
      return redirectHosts.some(
        (host) =>
          host.toLowerCase() === url.protocol || host.toLowerCase() === `${url.protocol}//${url.host}`,
      )
  }
}

function isListOf(value: unknown, known: readonly string[]): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => known.includes(one))
}

function refused(error: RegistrationRefused['error'], description: string): CheckedRegistration {
  // RFC 6749 §5.2: printable ASCII without quotes and backslashes.
  const text = description.replaceAll('"', "'").replace(/[^\x20-\x7e]|\\/g, '?')
  return { kind: 'refused', refused: { error, error_description: text } }
}
