import * as z from 'zod'
import { redirectHosts } from '../clients/list.ts'
import type { Provider, UpstreamProvider } from './oauth-config.ts'
import { count, line, oneOrMore, scope, secret, webAddress } from './schema-values.ts'

const claim = (what: string) => line(256).optional().describe(`Claim that holds ${what}.`)

const claimsSchema = z
  .strictObject({
    subject: claim('the stable id of the user'),
    email: claim('the e-mail address'),
    name: claim('the name people know'),
    groups: claim('the groups'),
    roles: claim('the roles'),
    scopes: claim('further scopes, such as `permissions` of Auth0'),
    client_id: claim('the id of the client'),
  })
  .prefault({})
  .describe(
    'Overrides of where the provider keeps identity. Namespaced claims such as `https://ssh-mcp.example.com/email` work.',
  )

const PROVIDERS = ['auth0', 'entra', 'okta', 'keycloak', 'generic'] as const satisfies readonly Provider[]

const introspectionSchema = z.strictObject({
  endpoint: webAddress()
    .optional()
    .describe('Where tokens are asked about (RFC 7662). Default: discovered from the issuer.'),
  client_id: line(256).describe('The client that the bridge is at the provider.'),
  client_secret: secret('Secret of that client.'),
})

/** What tells the tokens of one provider from all others, and who may use them. */
const issuerKeys = {
  issuer: webAddress()
    .optional()
    .describe(
      'The provider, exactly as its tokens say in `iss`: the final slash counts. https, or http on loopback.',
    ),
  audience: oneOrMore(line())
    .optional()
    .describe(
      'What tokens must say in `aud`: one value or a list. The addresses of this server are accepted beside it.',
    ),
  jwks_uri: webAddress()
    .optional()
    .describe('Where the public keys of the provider are. Default: discovered from the issuer.'),
  provider: z
    .enum(PROVIDERS)
    .optional()
    .describe(
      'Where identity, scopes, groups and client id are read. Default: told from the issuer, else `generic`.',
    ),
  claims: claimsSchema,
  allowed_clients: z
    .array(line(512))
    .min(1)
    .optional()
    .describe('Client ids whose tokens are taken. Default: those of every client of the provider.'),
  allowed_tenants: z
    .array(line(256))
    .min(1)
    .optional()
    .describe('Tenants (`tid` of Entra ID, `org_id` of Auth0) whose tokens are taken. Default: every one.'),
  max_lifetime: count(60, 31_536_000)
    .optional()
    .describe(
      'Seconds that a token may live at most, from `iat` to `exp`. One without `iat` is refused then.',
    ),
  introspection: introspectionSchema
    .optional()
    .describe('Ask the provider about tokens that are no JWT (RFC 7662).'),
}

const UPSTREAM_PROVIDERS = [...PROVIDERS, 'google', 'github'] as const satisfies readonly UpstreamProvider[]

/** Where people sign in, when the bridge is the authorization server and does not know their passwords. */
const upstreamSchema = z.strictObject({
  issuer: webAddress()
    .optional()
    .describe('The provider. For `github` (which is no OpenID provider) the default is https://github.com.'),
  client_id: line(512).describe(
    'The client that the bridge is at the provider; its redirect address is `PUBLIC_URL/oauth/upstream`.',
  ),
  client_secret: secret('Secret of that client.'),
  provider: z
    .enum(UPSTREAM_PROVIDERS)
    .optional()
    .describe('Whose dialect it speaks. Default: told from the issuer, else `generic`.'),
  scopes: z
    .array(scope())
    .optional()
    .describe(
      'What is asked for there. Default: `openid profile email`, and what the provider needs for groups.',
    ),
  claims: claimsSchema,
  allowed_domains: z
    .array(line(253))
    .min(1)
    .optional()
    .describe('Domains of verified e-mail addresses that may sign in. Default: every one.'),
  allowed_people: z
    .array(line(320).regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address, such as user@example.com'))
    .min(1)
    .optional()
    .describe('Verified e-mail addresses that may sign in, beside those of `allowed_domains`.'),
  allowed_tenants: z
    .array(line(256))
    .min(1)
    .optional()
    .describe(
      'Tenants (`tid` of Entra ID), workspaces (`hd` of Google), organisations (`org_id` of Auth0, names at GitHub) that may sign in. Default: every one.',
    ),
  group_names: z
    .record(line(256), line(256))
    .default({})
    .describe('What a group of the provider is called here; a group that is not named keeps its name.'),
  scopes_of_groups: z
    .record(line(256), z.array(scope()))
    .default({})
    .describe(
      'Scopes that members of a group (by its name here) may give to a client, beside `scopes_of_everybody`.',
    ),
  scopes_of_everybody: z
    .array(scope())
    .default(['mcp:execute'])
    .describe('Scopes that whoever signs in may give to a client.'),
})

const registrationSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether clients may register themselves (RFC 7591).'),
  redirect_hosts: z
    .array(line(253))
    .default(redirectHosts())
    .describe(
      'Hosts to whose https addresses a client may have its answer sent, and private schemes such as `cursor://anysphere.cursor-mcp`. Loopback is always allowed.',
    ),
  per_hour: count(1, 10_000).default(30).describe('Registrations an hour from one network address.'),
  keep: count(1, 3_650)
    .default(90)
    .describe('Days after which a registration that nobody used is forgotten.'),
})

export const oauthSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      'Whether bearer tokens are accepted. Then `issuer` and `audience` are needed, or `mode: embedded`. Default: true with `mode: embedded`, else false.',
    ),
  mode: z
    .enum(['external', 'embedded'])
    .default('external')
    .describe(
      '`external`: tokens come from your identity provider. `embedded`: the bridge is the authorization server; people are its own users, or sign in at `upstream`.',
    ),
  ...issuerKeys,
  issuers: z
    .array(z.strictObject(issuerKeys))
    .max(20)
    .default([])
    .describe('Further providers whose tokens are taken, each with rules of its own.'),
  upstream: upstreamSchema
    .optional()
    .describe('With `mode: embedded`: where people sign in. Default: users of the bridge (`users add`).'),
  registration: registrationSchema
    .prefault({})
    .describe('With `mode: embedded`: which clients may register themselves.'),
  client_metadata_documents: z
    .boolean()
    .default(true)
    .describe('With `mode: embedded`: take clients whose id is the https address of a document about them.'),
  access_token: count(60, 86_400)
    .default(600)
    .describe('With `mode: embedded`: seconds that an access token lives.'),
  token_algorithm: z
    .enum(['RS256', 'ES256'])
    .default('RS256')
    .describe(
      'With `mode: embedded`: how access tokens are signed. `ES256` is shorter; every client and server knows `RS256`.',
    ),
  refresh_token: count(1, 365)
    .default(30)
    .describe('With `mode: embedded`: days after which an unused refresh token ends.'),
  encryption_key: secret(
    'With `mode: embedded`: encrypts keys and tokens on disk, at least 32 characters. Default: a key file beside them.',
    32,
  ).optional(),
})
