import { describe, expect, test } from 'vitest'
import { checkRegistration, redirectsFault } from './registration-rules.ts'

const HOSTS = ['chatgpt.com', 'bridge.example.com:8443', 'cursor://anysphere.cursor-mcp', 'com.example.app:']

describe('where an answer may go', () => {
  test.each([
    'http://127.0.0.1/callback',
    'http://127.0.0.1:33418/',
    'http://localhost:1/callback',
    'http://[::1]:4711/callback',
    'https://chatgpt.com/connector/oauth/abc?x=1',
    'https://CHATGPT.com/connector/oauth/abc',
    'https://chatgpt.com:443/x',
    'https://bridge.example.com:8443/x',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'com.example.app:/callback',
  ])('%s is allowed', (uri) => {
    expect(redirectsFault([uri], HOSTS)).toBeUndefined()
  })

  test.each([
    'https://evil.example.com/callback',
    'https://chatgpt.com.evil.example.com/',
    'https://evilchatgpt.com/',
    'https://sub.chatgpt.com/',
    'https://chatgpt.com:8443/',
    'https://chatgpt.com@evil.example.com/',
    'https://user:secret@chatgpt.com/',
    'https://chatgpt.com\\@evil.example.com/',
    'https://chatgpt.com/#fragment',
    'https://chatgpt.com/ x',
    'https://chatgpt.com\n.evil.example.com/',
    'https://chаtgpt.com/',
    'http://chatgpt.com/',
    'http://127.0.0.1.evil.example.com/',
    'http://127.0.0.1@evil.example.com/',
    'http://192.0.2.1/',
    'cursor://another/oauth/callback',
    'cursor:/oauth/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '/callback',
    '',
  ])('%j is not', (uri) => {
    expect(redirectsFault([uri], HOSTS)).toContain('is not allowed here')
    expect(redirectsFault(['http://127.0.0.1/callback', uri], HOSTS)).toContain('is not allowed here')
  })

  test.each([[undefined], [[]], ['https://chatgpt.com/'], [[7]], [Array(21).fill('http://127.0.0.1/')]])(
    '%j is no list of them',
    (uris) => {
      expect(redirectsFault(uris, HOSTS)).toBeDefined()
    },
  )
})

describe('a registration', () => {
  const redirect_uris = ['http://127.0.0.1/callback']

  test('keeps what counts here and nothing that is shown, fetched or believed elsewhere', () => {
    const sent = {
      redirect_uris,
      client_name: 'Example',
      logo_uri: 'https://evil.example.com/logo.svg',
      jwks_uri: 'https://evil.example.com/jwks',
      sector_identifier_uri: 'https://evil.example.com/',
      scope: 'everything',
      client_secret: 'chosen by the client',
      id_token_signed_response_alg: 'none',
      subject_type: 'pairwise',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'password', 'implicit'],
    }
    expect(checkRegistration(sent, HOSTS)).toEqual({
      kind: 'good',
      metadata: {
        redirect_uris,
        client_name: 'Example',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
    })
  })

  test('that says nothing of grants may refresh, and one that says so may not', () => {
    const grants = (body: object) => {
      const checked = checkRegistration({ redirect_uris, ...body }, HOSTS)
      return checked.kind === 'good' ? checked.metadata.grant_types : checked.refused.error
    }
    expect(grants({})).toEqual(['authorization_code', 'refresh_token'])
    expect(grants({ grant_types: ['authorization_code'] })).toEqual(['authorization_code'])
    expect(grants({ grant_types: ['client_credentials'] })).toBe('invalid_client_metadata')
  })

  test.each([
    [null],
    [[]],
    ['text'],
    [{ redirect_uris, client_name: 7 }],
    [{ redirect_uris, client_name: 'x'.repeat(201) }],
    [{ redirect_uris, response_types: ['token'] }],
    [{ redirect_uris, response_types: ['code', 'id_token token'] }],
    [{ redirect_uris, token_endpoint_auth_method: 'tls_client_auth' }],
  ])('%j is refused', (body) => {
    expect(checkRegistration(body, HOSTS)).toMatchObject({ refused: { error: 'invalid_client_metadata' } })
  })
})
