import { describe, expect, test } from 'vitest'
import { type ChallengeContext, insufficientScopeChallenge, refusalChallenge } from './challenge.ts'
import { acceptedAudiences, metadataUrl, ownResources, protectedResourceMetadata } from './metadata.ts'
import { REFUSALS, refuse } from './refusals.ts'
import type { OAuthSettings, Provider } from './settings.ts'

const BASE = 'https://bridge.example.com'
const OAUTH: OAuthSettings = {
  issuers: [{ issuer: 'https://tenant.auth0.example.com/', audience: [BASE], provider: 'auth0', claims: {} }],
  scopesSupported: ['mcp:execute', 'mcp:admin'],
}
const ROOT: ChallengeContext = { baseUrl: BASE, path: '', oauth: OAUTH }
const known = (audience: string[], provider: Provider = 'auth0'): OAuthSettings => ({
  ...OAUTH,
  issuers: OAUTH.issuers.map((one) => ({ ...one, provider, audience })),
})
const entra = (audience: string[]) => known(audience, 'entra')

describe('the challenge', () => {
  test('without credentials says where to begin, and no error', () => {
    expect(refusalChallenge(refuse('no_credentials'), ROOT)).toBe(
      'Bearer resource_metadata="https://bridge.example.com/.well-known/oauth-protected-resource", scope="mcp:execute mcp:admin"',
    )
  })

  test('of /mcp points to the document of /mcp', () => {
    expect(refusalChallenge(refuse('no_credentials'), { ...ROOT, path: '/mcp' })).toContain(
      'resource_metadata="https://bridge.example.com/.well-known/oauth-protected-resource/mcp"',
    )
  })

  test('to a bad token says what is wrong with it', () => {
    expect(refusalChallenge(refuse('token_expired'), { ...ROOT, firstScopes: ['mcp:execute'] })).toBe(
      'Bearer resource_metadata="https://bridge.example.com/.well-known/oauth-protected-resource", error="invalid_token", error_description="The token has expired.", scope="mcp:execute"',
    )
  })

  test('to a token that lacks scopes names all that are needed', () => {
    expect(insufficientScopeChallenge(['mcp:execute', 'mcp:prod'], ROOT)).toBe(
      'Bearer resource_metadata="https://bridge.example.com/.well-known/oauth-protected-resource", error="insufficient_scope", error_description="This needs the scopes: mcp:execute mcp:prod", scope="mcp:execute mcp:prod"',
    )
  })

  test('without OAuth has a realm and nowhere to point to', () => {
    const keysOnly: ChallengeContext = { baseUrl: BASE, path: '' }
    expect(refusalChallenge(refuse('no_credentials'), keysOnly)).toBe('Bearer realm="ssh-mcp-bridge"')
    expect(refusalChallenge(refuse('unknown_api_key'), keysOnly)).toBe(
      'Bearer realm="ssh-mcp-bridge", error="invalid_token", error_description="The key is not accepted."',
    )
  })

  test('cannot be broken out of, whatever it quotes', () => {
    const hostile = ['a"b', 'c\r\nSet-Cookie: x', 'd\\e', 'mcp:ключ', 'fine']
    const value = insufficientScopeChallenge(hostile, ROOT)
    expect(value).toMatch(/^Bearer (?:[a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(?:, |$))+$/)
    expect(value).toContain('scope="fine"')
  })

  test('asks Entra for scopes behind the Application ID URI', () => {
    const scope = (audience: string[]): string =>
      insufficientScopeChallenge(['mcp:execute'], { ...ROOT, oauth: entra(audience) })
    expect(scope(['11111111-2222-3333-4444-555555555555', BASE])).toContain(`scope="${BASE}/mcp:execute"`)
    expect(scope(['guid'])).toContain('scope="api://guid/mcp:execute"')
    expect(scope([`${BASE}/`])).toContain(`scope="${BASE}/mcp:execute"`)
    expect(scope([])).toContain('scope="mcp:execute"')
  })
})

test.each(Object.entries(REFUSALS))(
  'the description of %s may stand in a challenge as it is',
  (_, { description }) => {
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  },
)

describe('the protected resource metadata', () => {
  test('has the members of RFC 9728 that clients need', () => {
    expect(protectedResourceMetadata(OAUTH, BASE, '')).toEqual({
      resource: BASE,
      authorization_servers: ['https://tenant.auth0.example.com/'],
      scopes_supported: ['mcp:execute', 'mcp:admin'],
      bearer_methods_supported: ['header'],
    })
  })

  test.each<[string, string[], '' | '/mcp', string]>([
    ['the configured audience when it is this address', [BASE], '', BASE],
    ['the configured audience at /mcp too', [BASE], '/mcp', BASE],
    ['the configured audience when it is the other address', [`${BASE}/mcp`], '', `${BASE}/mcp`],
    ['the configured audience with its slash', [`${BASE}/`], '', `${BASE}/`],
    ['of two configured addresses the one described', [BASE, `${BASE}/mcp`], '/mcp', `${BASE}/mcp`],
    ['the address when the audience is another name', ['api://bridge'], '/mcp', `${BASE}/mcp`],
    ['the address when the audience is another server', ['https://other.example.com'], '', BASE],
    ['the address when there is no audience', [], '/mcp', `${BASE}/mcp`],
  ])('names as resource %s', (_, audience, path, resource) => {
    expect(protectedResourceMetadata(known(audience), BASE, path).resource).toBe(resource)
  })

  test('never asks clients for offline_access', () => {
    const settings = { ...OAUTH, scopesSupported: ['mcp:execute', 'offline_access', 'mcp:execute'] }
    expect(protectedResourceMetadata(settings, BASE, '').scopes_supported).toEqual(['mcp:execute'])
  })

  test('lies between host and path', () => {
    const place = `${BASE}/.well-known/oauth-protected-resource`
    expect(metadataUrl(BASE, '')).toBe(place)
    expect(metadataUrl(BASE, '/mcp')).toBe(`${place}/mcp`)
    expect(metadataUrl(`${BASE}/ssh`, '/mcp')).toBe(`${place}/ssh/mcp`)
  })

  test('every resource it can name is an accepted audience', () => {
    for (const audience of [[], [BASE], [`${BASE}/mcp`], ['api://bridge']])
      for (const path of ['', '/mcp'] as const) {
        const accepted = acceptedAudiences(audience, ownResources(BASE))
        expect(accepted).toContain(protectedResourceMetadata(known(audience), BASE, path).resource)
      }
  })
})
