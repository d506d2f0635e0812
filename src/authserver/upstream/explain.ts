import { OutboundError } from '../../outbound/fetch.ts'
import { UpstreamFault } from './fault.ts'

/** What went wrong between the bridge and the provider, as a fault that names what to fix. */
export function explain(error: unknown, issuer: string, redirectUri: string): UpstreamFault {
  if (error instanceof UpstreamFault) return error
  const options = { cause: error }
  const chain = causesOf(error)
  const place = new URL(issuer).host
  const outbound = chain.find((one) => one instanceof OutboundError)
  if (outbound !== undefined) return unreachable(outbound, outbound.fault, place)
  const failing = chain.find((one) => one instanceof Response && one.status >= 500)
  if (failing instanceof Response) return unreachable(error, `status ${failing.status}`, place)
  const code = errorCodeOf(chain)
  switch (code) {
    case 'access_denied':
      return new UpstreamFault(
        'declined',
        `You did not sign in at ${place}.`,
        'Try again whenever you like.',
        options,
      )
    case 'invalid_client':
    case 'unauthorized_client':
    case 'incorrect_client_credentials':
      return new UpstreamFault(
        'upstream_refused_client',
        `${place} does not accept this bridge (${code}).`,
        'Look at server.oauth.upstream.client_id and client_secret: the secret may have expired, or be its id instead of its value.',
        options,
      )
    case 'redirect_uri_mismatch':
      return new UpstreamFault(
        'upstream_refused_client',
        `${place} does not know where to send you back (${code}).`,
        `Register this redirect address at the provider: ${redirectUri}`,
        options,
      )
    case 'invalid_scope':
      return new UpstreamFault(
        'upstream_misconfigured',
        `${place} does not know a scope that the bridge asks for (${code}).`,
        'Write those that it knows into server.oauth.upstream.scopes, `openid` among them.',
        options,
      )
    case undefined:
      break
    default:
      return new UpstreamFault(
        'upstream_refused',
        `${place} did not sign you in (${code}).`,
        'Try again. If it stays so, whoever runs the bridge finds the cause in its log and in that of the provider.',
        options,
      )
  }
  return misunderstood(chain, place, issuer, options)
}

function misunderstood(chain: readonly unknown[], place: string, issuer: string, options: ErrorOptions) {
  const codes = chain.map((one) => String((one as { code?: unknown }).code))
  if (codes.includes('OAUTH_JWT_TIMESTAMP_CHECK_FAILED'))
    return new UpstreamFault(
      'upstream_clock',
      `What ${place} said is too old, or not valid yet.`,
      'Set the clock of the machine that runs the bridge: it differs from that of the provider by more than 30 seconds.',
      options,
    )
  if (codes.includes('OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'))
    return new UpstreamFault(
      'upstream_misconfigured',
      `${place} calls itself by another address than the bridge.`,
      `Compare server.oauth.upstream.issuer (${issuer}) with \`issuer\` at ${issuer.replace(/\/$/, '')}/.well-known/openid-configuration: the final slash counts.`,
      options,
    )
  if (codes.some((code) => /^OAUTH_RESPONSE_IS_NOT|^OAUTH_PARSE_ERROR/.test(code)))
    return new UpstreamFault(
      'upstream_misconfigured',
      `${place} does not answer like an OpenID provider.`,
      `Look whether ${issuer.replace(/\/$/, '')}/.well-known/openid-configuration can be read, and at server.oauth.upstream.issuer.`,
      options,
    )
  return new UpstreamFault(
    'upstream_answer_invalid',
    `What ${place} answered could not be believed, so nobody was signed in.`,
    'Try again. If it stays so, whoever runs the bridge finds the cause in its log.',
    options,
  )
}

function unreachable(cause: unknown, how: string, place: string): UpstreamFault {
  return new UpstreamFault(
    'upstream_unreachable',
    `${place} cannot be reached from the bridge (${how}), so nobody can sign in now.`,
    'Try again in a minute. If it stays so, whoever runs the bridge finds the cause in its log.',
    { cause },
  )
}

/** Of an answer of the provider, to the browser or to the bridge. Anybody may have chosen it: it is said only if it looks like one. */
function errorCodeOf(chain: readonly unknown[]): string | undefined {
  for (const one of chain) {
    const { error, body } = one as { error?: unknown; body?: { error?: unknown } }
    for (const code of [error, body?.error])
      if (typeof code === 'string') return /^[a-z_]{1,50}$/.test(code) ? code : 'unknown error'
  }
  return undefined
}

/** The error, what caused it, and so on; a cause may be any object. */
export function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let one: unknown = error; typeof one === 'object' && one !== null && chain.length < 8; ) {
    chain.push(one)
    one = (one as { cause?: unknown }).cause
  }
  return chain
}
