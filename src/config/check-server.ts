import { checkSecureAddress } from './check-address.ts'
import { checkOAuth, isOAuthOn } from './check-oauth.ts'
import { isLoopback } from './loopback.ts'
import { whereText } from './problem.ts'
import type { Review } from './review.ts'
import type { ServerDraft } from './schema.ts'

/** Which transports are on. Each says what the other leaves out, so that one key is enough. */
export function transports(server: ServerDraft): { readonly http: boolean; readonly stdio: boolean } {
  const { enable_http: http, enable_stdio: stdio } = server
  return { http: http ?? stdio === false, stdio: stdio ?? http !== true }
}

/** The checks between the keys of `server`. Whatever is half configured here does not start. */
export function checkServer(server: ServerDraft, now: Date, review: Review): void {
  const { http, stdio } = transports(server)
  if (!http && !stdio)
    review.problem(
      ['server', 'enable_http'],
      'both transports are off: set enable_http or enable_stdio to true',
    )

  checkSecureAddress(server.public_url, ['server', 'public_url'], review)
  if (server.cors_allow_credentials && server.cors_origins.includes('*'))
    review.problem(
      ['server', 'cors_origins'],
      '`*` cannot go with cors_allow_credentials: list the origins, such as https://chatgpt.com, or turn credentials off',
    )
  checkOAuth(server, http, review)
  checkApiKeys(server, now, review)
  checkExposure(server, http, review)
}

function checkApiKeys({ api_keys: keys, api_key: one }: ServerDraft, now: Date, review: Review): void {
  const seen = new Map<string, string>()
  // The plain key becomes a principal of this name.
  if (one !== undefined) seen.set('api_key', whereText(review.where(['server', 'api_key'])))
  for (const [index, { name, expires }] of keys.entries()) {
    const path = ['server', 'api_keys', index, 'name']
    const first = name === undefined ? undefined : seen.get(name)
    if (first !== undefined)
      review.problem(path, `the name of this key is already taken at ${first}: each key needs its own`)
    else if (name !== undefined) seen.set(name, whereText(review.where(path)))
    if (expires !== undefined && Date.parse(expires) <= now.getTime())
      review.warn(`server.api_keys: key ${index + 1} expired on ${expires} and is refused.`)
  }
}

// Promise 13: nothing half-configured starts. An address others can reach needs somebody to ask who they are.
function checkExposure(server: ServerDraft, http: boolean, review: Review): void {
  const broken = ['oauth', 'api_key', 'api_keys', 'host'].some((key) => review.isBroken(['server', key]))
  if (!http || broken) return
  const isOpen = !isOAuthOn(server.oauth) && server.api_key === undefined && server.api_keys.length === 0
  if (isOpen && !isLoopback(server.host))
    review.problem(
      ['server', 'host'],
      'others can reach this address, but there is no authentication: configure server.oauth, api_keys or api_key, or listen on 127.0.0.1',
    )
  else if (isOpen && server.public_url !== undefined)
    review.problem(
      ['server', 'public_url'],
      'a public address needs authentication: configure server.oauth, api_keys or api_key',
    )
  else if (isOpen)
    review.warn(
      'No authentication: every user of this machine may call over HTTP. server.api_keys asks who they are.',
    )
  if (!isLoopback(server.host) && server.public_url === undefined)
    review.warn('server.public_url is not set: published addresses follow the Host header of each request.')
}
