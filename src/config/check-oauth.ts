import { checkSecureAddress } from './check-address.ts'
import { checkUpstream } from './check-upstream.ts'
import { isLoopback } from './loopback.ts'
import type { Provider } from './oauth-config.ts'
import { whereText } from './problem.ts'
import { isGoogle, providerOf } from './provider-of.ts'
import type { Review } from './review.ts'
import type { ServerDraft } from './schema.ts'
import type { Path } from './yaml-source.ts'

type OAuthDraft = ServerDraft['oauth']

/** `mode: embedded` alone is enough to want it. */
export function isOAuthOn({ enabled, mode }: OAuthDraft): boolean {
  return enabled ?? mode === 'embedded'
}

/** The issuer that the bridge is itself: its public address, else the loopback address that it listens on. */
export function ownIssuer({ public_url: publicUrl, host, port }: ServerDraft): string {
  return publicUrl?.replace(/\/+$/, '') ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The checks between the keys of `server.oauth`. What is half configured does not start. */
export function checkOAuth(server: ServerDraft, http: boolean, review: Review): void {
  const { oauth } = server
  if (!isOAuthOn(oauth)) {
    if (oauth.issuer !== undefined || oauth.audience !== undefined)
      review.warn('OAuth is configured, but off: server.oauth.enabled: true or AUTH_MODE=oidc turns it on.')
    return
  }
  if (oauth.mode === 'embedded') checkEmbedded(server, http, review)
  else checkExternal(oauth, review)
  for (const [index, issuer] of oauth.issuers.entries())
    checkIssuer(issuer, ['server', 'oauth', 'issuers', index], review)
  checkTwice(server, review)
  checkIntrospections(oauth, review)
}

/** An opaque token does not say whose it is, and one provider must not be shown the tokens of another. */
function checkIntrospections(oauth: OAuthDraft, review: Review): void {
  const [first, ...more] = [
    ...(oauth.introspection ? [['server', 'oauth', 'introspection']] : []),
    ...oauth.issuers.flatMap(({ introspection }, index) =>
      introspection ? [['server', 'oauth', 'issuers', index, 'introspection']] : [],
    ),
  ]
  if (first === undefined) return
  for (const path of more)
    review.problem(
      path,
      `only one issuer may have \`introspection\`, since an opaque token does not say whose it is: there is one at ${whereText(review.where(first))}`,
    )
}

function checkExternal(oauth: OAuthDraft, review: Review): void {
  const at = (key: string) => ['server', 'oauth', key]
  for (const [key, variable, example] of [
    ['issuer', 'IDP_ISSUER', 'https://tenant.auth0.com/'],
    ['audience', 'IDP_AUDIENCE', 'https://ssh-mcp.example.com'],
  ] as const)
    if (oauth[key] === undefined && !review.isBroken(at(key)))
      review.problem(
        at('enabled'),
        `OAuth is on, but \`${key}\` is missing: set server.oauth.${key} or ${variable}, such as ${example}; or set server.oauth.mode to embedded, and the bridge signs people in itself`,
      )
  if (oauth.upstream !== undefined)
    review.problem(at('upstream'), '`upstream` is for `mode: embedded`: set server.oauth.mode to embedded')
  checkAddresses(oauth, ['server', 'oauth'], review)
}

function checkIssuer(issuer: OAuthDraft['issuers'][number], path: Path, review: Review): void {
  for (const key of ['issuer', 'audience'] as const)
    if (issuer[key] === undefined && !review.isBroken([...path, key]))
      review.problem(path, `\`${key}\` is missing`)
  checkAddresses(issuer, path, review)
}

function checkAddresses(draft: OAuthDraft['issuers'][number], path: Path, review: Review): void {
  const { issuer, jwks_uri, introspection } = draft
  checkSecureAddress(issuer, [...path, 'issuer'], review)
  checkSecureAddress(jwks_uri, [...path, 'jwks_uri'], review)
  checkSecureAddress(introspection?.endpoint, [...path, 'introspection', 'endpoint'], review)
  if (issuer === undefined) return
  if (isGoogle(issuer))
    review.problem(
      [...path, 'issuer'],
      'Google gives out no access tokens for your own server: they are opaque and for Google alone. Set server.oauth.mode to embedded and write this issuer into server.oauth.upstream',
    )
  if ((draft.provider ?? providerOf(issuer)) === 'okta' && new URL(issuer).pathname === '/')
    review.problem(
      [...path, 'issuer'],
      `the tokens of Okta's org server are for Okta alone and cannot be verified: write the issuer of a custom authorization server, such as ${new URL('/oauth2/default', issuer).href}`,
    )
  const expectsSlash = ISSUER_SLASH[draft.provider ?? providerOf(issuer)]
  if (expectsSlash !== undefined && issuer.endsWith('/') !== expectsSlash)
    review.warn(
      `${path.join('.')}.issuer ${expectsSlash ? 'has no' : 'has a'} final slash; tokens of this provider usually ${expectsSlash ? 'have one' : 'have none'}, and the issuer is compared exactly.`,
    )
}

/** The bridge can sign people in only where their browsers reach it under one address, which is the issuer. */
function checkEmbedded(server: ServerDraft, http: boolean, review: Review): void {
  const { oauth, host, port, public_url: publicUrl } = server
  const at = (key: string) => ['server', 'oauth', key]
  if (!http)
    review.problem(at('mode'), '`mode: embedded` is served over HTTP: set server.enable_http to true')
  for (const key of ['issuer', 'audience', 'jwks_uri', 'introspection'] as const)
    if (oauth[key] !== undefined)
      review.problem(
        at(key),
        `with \`mode: embedded\` the bridge itself is the issuer: leave \`${key}\` out, or move it into server.oauth.issuers or upstream`,
      )
  if (publicUrl === undefined && !isLoopback(host))
    review.problem(at('mode'), '`mode: embedded` needs the address that browsers use: set server.public_url')
  else if (publicUrl === undefined && port === 0)
    review.problem(
      at('mode'),
      '`mode: embedded` needs an address that stays: set server.port or server.public_url',
    )
  if (oauth.upstream !== undefined) checkUpstream(oauth.upstream, review)
}

/** What one instance seals, the others must open: a key file is of one machine alone. */
export function checkSealing({ oauth }: ServerDraft, databaseUrl: string | undefined, review: Review): void {
  const isShared = databaseUrl !== undefined && !databaseUrl.startsWith('sqlite:')
  if (!isShared || !isOAuthOn(oauth) || oauth.mode !== 'embedded' || oauth.encryption_key !== undefined)
    return
  // guard: shared-sealing-key
  review.problem(
    ['server', 'oauth', 'mode'],
    '`mode: embedded` with PostgreSQL needs a key that all instances have: set server.oauth.encryption_key, at least 32 characters, such as ${env:SSH_MCP_ENCRYPTION_KEY} with what `openssl rand -hex 32` prints',
  )
}

/** Each issuer by itself: whose tokens these are must not depend on an order. */
function checkTwice(server: ServerDraft, review: Review): void {
  const { oauth } = server
  const first = oauth.mode === 'embedded' ? ownIssuer(server) : oauth.issuer
  const seen = new Map(
    first === undefined ? [] : [[first, whereText(review.where(['server', 'oauth', 'issuer']))]],
  )
  for (const [index, { issuer }] of oauth.issuers.entries()) {
    const path = ['server', 'oauth', 'issuers', index, 'issuer']
    const before = issuer === undefined ? undefined : seen.get(issuer)
    if (before !== undefined) review.problem(path, `this issuer is already configured at ${before}`)
    else if (issuer !== undefined) seen.set(issuer, whereText(review.where(path)))
  }
}

/** Whether the `iss` of a provider ends in a slash. Entra has both forms: v1 with, v2 without. */
const ISSUER_SLASH: Readonly<Record<Provider, boolean | undefined>> = {
  auth0: true,
  entra: undefined,
  okta: false,
  keycloak: false,
  generic: undefined,
}
