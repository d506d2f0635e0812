import type { AuthenticationRefused } from '../domain/authentication.ts'

type Entry = Pick<AuthenticationRefused, 'code' | 'error' | 'description'>

const nothing = (description: string): Entry => ({ code: 'unauthenticated', description })
const request = (description: string): Entry => ({
  code: 'bad_request',
  error: 'invalid_request',
  description,
})
const token = (description: string): Entry => ({
  code: 'unauthenticated',
  error: 'invalid_token',
  description,
})

/**
 * Every way to be turned away at the door: the reason is for the audit, the description for the caller (printable ASCII without `"`
 * and `\`, RFC 6750 §3). A token that is malformed, expired, revoked or not for us is `invalid_token` (401); a malformed header is
 * `invalid_request` (400); nothing at all has no error code (RFC 6750 §3.1).
 */
export const REFUSALS = {
  no_credentials: nothing('A bearer token is needed.'),
  unsupported_scheme: nothing('Only the Bearer scheme is accepted.'),

  several_credentials: request('Send exactly one Authorization header with one token.'),
  malformed_authorization: request('The Authorization header is not of the form: Bearer TOKEN.'),
  credentials_too_long: request('The Authorization header is longer than 16 KB.'),

  opaque_token: token(
    'The token is not a JWT. Ask the authorization server for a token with this server as its audience (resource).',
  ),
  encrypted_token: token(
    'The token is encrypted. Ask the authorization server for a signed token with this server as its audience.',
  ),
  malformed_token: token('The token is malformed.'),
  duplicate_member: token('The token is malformed.'),
  critical_header: token('The token uses a header extension that is not understood.'),
  nested_token: token('The token holds another token; send the inner one.'),
  wrong_token_type: token('This kind of token is not an access token.'),
  algorithm_not_allowed: token('The signature algorithm of the token is not accepted.'),
  id_token: token('This is an ID token; an access token is needed.'),
  logout_token: token('This is a security event or logout token; an access token is needed.'),
  client_assertion: token('This is a client assertion; an access token is needed.'),
  sender_constrained: token(
    'The token is bound to a key of its client and cannot be used as a bearer token here.',
  ),
  google_token: token(
    'This is a token for Google itself, which gives out none for other servers. Sign in at this server, which can send you to Google.',
  ),
  token_inactive: token('The token is not active: it has ended, was revoked, or was never issued.'),
  wrong_issuer: token('The token is from another issuer.'),
  okta_org_server: token(
    'The token is from the org server of Okta, whose tokens are for Okta alone. Use a custom one, such as /oauth2/default.',
  ),
  entra_other_version: token(
    'The token has the other version of Entra ID than the configured issuer. Set requestedAccessTokenVersion in the app manifest.',
  ),
  no_audience: token(
    'The token names no audience. Have the authorization server put the address of this server into aud.',
  ),
  wrong_audience: token('The token was issued for another server.'),
  no_audience_mapper: token(
    'The token is not for this server. In Keycloak, add a mapper of type Audience with its address to a client scope of the client.',
  ),
  no_expiry: token('The token has no usable expiry time.'),
  token_expired: token('The token has expired.'),
  not_yet_valid: token('The token is not valid yet.'),
  issued_in_future: token('The token was issued in the future; check the clocks.'),
  no_issue_time: token('The token does not say when it was issued (iat), which is needed here.'),
  lifetime_too_long: token('The token lives longer than is accepted here.'),
  bad_subject: token('The token does not say who it is for.'),
  wrong_tenant: token('The token is from another tenant.'),
  tenant_not_allowed: token('Tokens of this tenant are not accepted here.'),
  person_removed: token('The person of this token may not sign in any more.'),
  client_not_allowed: token('Tokens of this client are not accepted here.'),
  groups_overage: token(
    'The groups of this user do not fit into the token. Have it emit only the groups assigned to the application.',
  ),
  malformed_claim: token('A claim of the token has an unexpected form.'),
  unknown_key: token('The token is signed with a key that the issuer does not publish.'),
  ambiguous_key: token('The token does not say with which of the published keys it is signed.'),
  weak_key: token('The token is signed with a key that is too short.'),
  unusable_key: token('The token is signed with a key that cannot be used.'),
  bad_signature: token('The signature of the token is not valid.'),

  unknown_api_key: token('The key is not accepted.'),
  api_key_expired: token('The key has expired.'),
  too_many_failures: {
    code: 'rate_limited',
    description: 'Too many wrong keys or tokens came from this address; wait before trying again.',
  },
  keys_unavailable: {
    code: 'auth_unavailable',
    description: 'The keys of the identity provider cannot be fetched right now; try again.',
  },
  people_unavailable: {
    code: 'auth_unavailable',
    description: 'The person of this token cannot be looked up right now; try again.',
  },
  introspection_unavailable: {
    code: 'auth_unavailable',
    description: 'The identity provider cannot be asked about the token right now; try again.',
  },
} as const satisfies Record<string, Entry>

export type RefusalReason = keyof typeof REFUSALS

export function refuse(reason: RefusalReason, retryAfterMs?: number): AuthenticationRefused {
  const entry: Entry = REFUSALS[reason]
  return { kind: 'refused', reason, ...entry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
