import type { RefusalReason } from '../oauth/refusals.ts'

/** What a reason of the verifier is about, and what mends it. */
export interface Remedy {
  /** The check that tells it. */
  readonly check: string
  readonly what: string
  readonly fix: string
  /** By provider, where its own way is another one. */
  readonly of?: Readonly<Partial<Record<string, string>>>
}

const AGAIN = 'Sign in again in the client, or ask the provider for a new token.'
const CLOCKS = 'Set the clocks of the provider and of the bridge by NTP: timedatectl set-ntp true'
const AUTH0_AUDIENCE =
  'Auth0: ask with audience=ADDRESS (an API with that identifier has to exist): Settings → Tenant → “Default Audience”, or Settings → Advanced → “Resource Parameter Compatibility Profile”, so that the resource that clients send counts. Without an audience Auth0 gives out opaque or encrypted (JWE) tokens.'
const KEYCLOAK_AUDIENCE =
  'Keycloak: Client scopes → the scope that the client has (or a new one, mcp:execute) → Mappers → Add mapper → By configuration → “Audience”; Included Custom Audience: ADDRESS; Add to access token: on.'
const ENTRA_AUDIENCE =
  'Entra ID: ask for scopes of your own API (api://…/mcp:execute), not of Graph. v2 tokens say its client id in aud, v1 tokens its Application ID URI: write that into server.oauth.audience. If the sign-in ends with AADSTS9010010, set the Application ID URI to ADDRESS.'

/** By the reasons of `oauth/refusals.ts`; one that is not here is told with the verifier's own words. */
const REMEDIES = {
  opaque_token: {
    check: 'token-form',
    what: 'It is opaque: no JWT, and nobody to ask about it is configured.',
    fix: 'Have the provider give out JWT access tokens for ADDRESS, or configure server.oauth.introspection.',
    of: { auth0: AUTH0_AUDIENCE },
  },
  encrypted_token: {
    check: 'token-form',
    what: 'It is encrypted (JWE): only the provider can read it.',
    fix: 'Have the provider give out signed tokens (JWS) for ADDRESS.',
    of: { auth0: AUTH0_AUDIENCE },
  },
  algorithm_not_allowed: {
    check: 'token-form',
    what: 'It is signed with an algorithm that is not accepted (HS256 or none).',
    fix: 'Sign with RS256 or ES256 at the provider.',
    of: { auth0: 'Auth0: APIs → your API → Settings → Signing Algorithm: RS256.' },
  },
  unknown_api_key: {
    check: 'token-form',
    what: 'It is no JWT, and none of the configured API keys.',
    fix: 'Make a key and put its line into the configuration: ssh-mcp-bridge keys create NAME. If it should be an access token: have the provider give out JWTs for ADDRESS.',
    of: { auth0: AUTH0_AUDIENCE },
  },
  api_key_expired: {
    check: 'token-form',
    what: 'It is an API key that has expired.',
    fix: 'Make a new one: ssh-mcp-bridge keys create NAME',
  },
  google_token: {
    check: 'token-form',
    what: 'It is a token of Google, which is for Google alone.',
    fix: 'Write server.oauth.mode: embedded and server.oauth.upstream.issuer: https://accounts.google.com',
  },
  id_token: {
    check: 'token-kind',
    what: 'It is an ID token: it says who signed in, and gives no right.',
    fix: 'Use the access_token of the same answer, not the id_token.',
  },
  wrong_token_type: {
    check: 'token-kind',
    what: 'It is another kind of token than an access token.',
    fix: 'Use the access_token of the answer, not the refresh_token or id_token.',
  },
  sender_constrained: {
    check: 'token-kind',
    what: 'It is bound to a key of its client (DPoP, mutual TLS).',
    fix: 'Switch sender-constrained tokens off for this API at the provider.',
  },
  wrong_issuer: {
    check: 'token-issuer',
    what: 'It is from an issuer that is not configured.',
    fix: 'Write its iss, exactly as it stands there, into server.oauth.issuer (or server.oauth.issuers).',
    of: {
      entra:
        'Entra ID: v1 tokens have iss https://sts.windows.net/TENANT/, v2 tokens https://login.microsoftonline.com/TENANT/v2.0. Set requestedAccessTokenVersion: 2 in the manifest of the API, or write its iss into server.oauth.issuer.',
    },
  },
  okta_org_server: {
    check: 'token-issuer',
    what: 'It is from the org authorization server of Okta, whose tokens nobody but Okta can verify.',
    fix: 'Use a custom authorization server: Okta Admin → Security → API → Authorization Servers; its issuer ends in /oauth2/default or /oauth2/ID. Write that into server.oauth.issuer.',
  },
  entra_other_version: {
    check: 'token-issuer',
    what: 'It is from the other version of the issuer that is configured (Entra ID v1 and v2).',
    fix: 'Entra ID: App registrations → your API → Manifest: "requestedAccessTokenVersion": 2, and write https://login.microsoftonline.com/TENANT/v2.0 into server.oauth.issuer; or write its iss there as it is.',
  },
  token_inactive: {
    check: 'token-time',
    what: 'The provider says that it is not active: it has ended, was revoked, or was never given out.',
    fix: AGAIN,
  },
  introspection_unavailable: {
    check: 'token-form',
    what: 'The provider could not be asked about it (introspection).',
    fix: 'Correct server.oauth.introspection (endpoint, client_id, client_secret), and let the bridge reach it.',
  },
  tenant_not_allowed: {
    check: 'token-issuer',
    what: 'It is from a tenant that is not among those that are taken.',
    fix: 'Add its tenant (tid, org_id) to server.oauth.allowed_tenants, or sign in with an account of another one.',
  },
  wrong_tenant: {
    check: 'token-issuer',
    what: 'It is from another tenant.',
    fix: 'Sign in with an account of the tenant, or add it to server.oauth.allowed_tenants.',
  },
  no_audience: {
    check: 'token-audience',
    what: 'It names no audience: it could be for any server.',
    fix: 'Have the provider put ADDRESS into aud.',
    of: { keycloak: KEYCLOAK_AUDIENCE, auth0: AUTH0_AUDIENCE },
  },
  no_audience_mapper: {
    check: 'token-audience',
    what: 'It does not name this server as audience.',
    fix: KEYCLOAK_AUDIENCE,
  },
  wrong_audience: {
    check: 'token-audience',
    what: 'It is for another server.',
    fix: 'Have the client ask with resource=ADDRESS; or, if its aud is your API at the provider, write that into server.oauth.audience.',
    of: { entra: ENTRA_AUDIENCE, auth0: AUTH0_AUDIENCE, keycloak: KEYCLOAK_AUDIENCE },
  },
  token_expired: { check: 'token-time', what: 'It has expired.', fix: AGAIN },
  not_yet_valid: { check: 'token-time', what: 'It is not valid yet: a clock is wrong.', fix: CLOCKS },
  issued_in_future: {
    check: 'token-time',
    what: 'It was issued in the future: a clock is wrong.',
    fix: CLOCKS,
  },
  no_expiry: {
    check: 'token-time',
    what: 'It never ends.',
    fix: 'Give access tokens a lifetime at the provider.',
  },
  no_issue_time: {
    check: 'token-time',
    what: 'It does not say when it was issued, which server.oauth.max_lifetime needs.',
    fix: 'Have the provider put iat into it, or take server.oauth.max_lifetime out.',
  },
  lifetime_too_long: {
    check: 'token-time',
    what: 'It lives longer than server.oauth.max_lifetime allows.',
    fix: 'Shorten the lifetime of access tokens at the provider, or raise server.oauth.max_lifetime.',
  },
  groups_overage: {
    check: 'token-who',
    what: 'Its person is in more groups than fit into a token, so the provider left them out.',
    fix: 'Have the provider put only the groups that matter into the token.',
    of: {
      entra:
        'Entra ID: App registrations → your API → Token configuration → groups claim: “Groups assigned to the application”; then assign the groups to the enterprise application.',
    },
  },
  bad_subject: {
    check: 'token-who',
    what: 'It does not say who it is for.',
    fix: 'Have the provider put a stable id into sub, or name the claim that has one: server.oauth.claims.subject',
  },
  client_not_allowed: {
    check: 'token-who',
    what: 'Its client is not among those that are taken.',
    fix: 'Add the client id to server.oauth.allowed_clients.',
  },
  bad_signature: {
    check: 'token-signature',
    what: 'Its signature is not valid.',
    fix: 'Copy the whole token. A token of Microsoft Graph cannot be verified by anybody else: ask for scopes of your own API.',
  },
  unknown_key: {
    check: 'token-signature',
    what: 'It is signed with a key that the issuer does not publish.',
    fix: 'Sign in again: the key was replaced since. If that does not help, see server-keys.',
  },
  weak_key: {
    check: 'token-signature',
    what: 'It is signed with a key that is too short.',
    fix: 'Replace the signing key at the provider by an RSA key of 2048 bits or more.',
  },
  keys_unavailable: {
    check: 'token-signature',
    what: 'The keys of the issuer cannot be fetched.',
    fix: 'See server-keys, which says why.',
  },
} as const satisfies Partial<Record<RefusalReason, Remedy>>

/** Undefined for reasons that the verifier's own words explain. */
export function remedyFor(reason: string): Remedy | undefined {
  return Object.hasOwn(REMEDIES, reason) ? REMEDIES[reason as keyof typeof REMEDIES] : undefined
}

/** Reasons that are not in the table are about its form. */
export const OTHERWISE = 'token-form'
