import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_IDS } from '../../src/doctor/client-checks.ts'
import type { DoctorReport } from '../../src/doctor/report-json.ts'
import { expectFound, openSurgery, type Seed, type Surgery, troubleIn } from '../kit/doctor-parts.ts'
import { type Claims, signToken } from '../kit/fake-issuer.ts'
import { freePort } from '../kit/free-port.ts'
import { makeHome, startProduct } from '../kit/product.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'

let surgery: Surgery

beforeAll(async () => {
  surgery = await openSurgery('  []')
})

afterAll(() => surgery?.close())

/** A token that the bridge takes; a claim that is undefined is not in it. */
function token(changes: Claims = {}, header: Claims = {}): string {
  const nowS = Math.floor(Date.now() / 1000)
  const good = {
    iss: surgery.login.url,
    aud: `${surgery.publicUrl}/mcp`,
    sub: 'alice',
    email: 'alice@example.com',
    client_id: 'desktop',
    jti: 'only-between-us',
    iat: nowS - 5,
    exp: nowS + 300,
    scope: 'mcp:execute',
  }
  return signToken({ ...good, ...changes }, surgery.login.key, header)
}

const atAddress = (location: readonly string[]) => () => surgery.behind({ server: location })
const documentAt = (text: string) =>
  `location /.well-known/oauth-protected-resource { default_type application/json; add_header Access-Control-Allow-Origin *; return 200 '${text}'; }`
const withDocument = (text: (url: string) => object) => () =>
  surgery.behind({ server: [documentAt(JSON.stringify(text(surgery.publicUrl)))] })
const good = (url: string) => ({
  resource: `${url}/mcp`,
  authorization_servers: [surgery.login.url],
  scopes_supported: ['mcp:execute'],
})

const ADDRESS: readonly Seed[] = [
  [
    'a name that DNS does not know',
    'dns',
    'failure',
    /A or AAAA record for bridge\.invalid/,
    () => surgery.look({ baseUrl: 'https://bridge.invalid' }),
  ],
  [
    'nothing that listens',
    'connect',
    'failure',
    /ssh-mcp-bridge serve/,
    async () => surgery.look({ baseUrl: `http://127.0.0.1:${await freePort()}` }),
  ],
  [
    'plain http on a network',
    'encrypted',
    'failure',
    /server\.public_url: https:/,
    () => surgery.look({ baseUrl: 'http://bridge.invalid' }),
  ],
  [
    'plain http where https is spoken',
    'certificate-shown',
    'failure',
    /listen 443 ssl/,
    () => surgery.look({ baseUrl: surgery.product.url.replace('http:', 'https:') }),
  ],
  [
    'an expired certificate',
    'certificate-dates',
    'failure',
    /certbot renew/,
    () => surgery.behind({ certificate: surgery.authority.issue({ days: -1 }) }),
  ],
  [
    'a certificate that expires in five days',
    'certificate-dates',
    'warning',
    /certbot renew/,
    () => surgery.behind({ certificate: surgery.authority.issue({ days: 5 }) }),
  ],
  [
    'a certificate for another name',
    'certificate-name',
    'failure',
    /names localhost/,
    () => surgery.behind({ certificate: surgery.authority.issue({ names: ['other.example.com'] }) }),
  ],
  [
    'a self-signed certificate',
    'certificate-chain',
    'failure',
    /public authority/,
    () => surgery.behind({ certificate: surgery.authority.selfSigned() }),
  ],
  [
    'a missing intermediate certificate',
    'certificate-chain',
    'failure',
    /fullchain\.pem/,
    () => surgery.behind({ certificate: surgery.authority.issue({ sends: 'leaf' }) }),
  ],
  [
    'a certificate of a private authority',
    'certificate-chain',
    'failure',
    /NODE_EXTRA_CA_CERTS/,
    () => surgery.behind({}, { ca: '' }),
  ],
]

const PROXY: readonly Seed[] = [
  [
    'a redirect of the MCP address',
    'redirects',
    'failure',
    /without a redirect/,
    atAddress(['location = /mcp { return 301 /mcp/; }']),
  ],
  [
    'a redirect that leads to itself',
    'redirects',
    'failure',
    /X-Forwarded-Proto/,
    atAddress(['return 301 https://$http_host$request_uri;']),
  ],
  [
    'another Host passed on',
    'host-accepted',
    'failure',
    /proxy_set_header Host \$host/,
    () => surgery.behind({ headers: ['Host internal.example.com'] }),
  ],
  [
    'a proxy that does not reach the bridge',
    'bridge-answers',
    'failure',
    /proxy_pass/,
    async () => surgery.behind({ upstream: `http://127.0.0.1:${await freePort()}` }),
  ],
  [
    'another program at the address',
    'bridge-answers',
    'failure',
    /every path/,
    atAddress(["location = /health { return 200 'welcome'; }"]),
  ],
  [
    'an answer out of a cache',
    'caching',
    'warning',
    /proxy_cache off/,
    atAddress(['add_header X-Cache HIT;']),
  ],
  [
    'a challenge that is taken out',
    'challenge-post',
    'failure',
    /proxy_hide_header WWW-Authenticate/,
    atAddress(['proxy_hide_header WWW-Authenticate;']),
  ],
  [
    'a proxy with a password of its own',
    'challenge-post',
    'failure',
    /auth_basic/,
    () =>
      surgery.behind({
        server: [
          `location = /mcp { auth_basic realm; auth_basic_user_file /dev/null; proxy_pass ${surgery.product.url}; }`,
        ],
      }),
  ],
  [
    'GET refused by the proxy',
    'challenge-get',
    'failure',
    /GET \/mcp/,
    () =>
      surgery.behind({
        server: [
          `location = /mcp { if ($request_method = GET) { return 405; } proxy_pass ${surgery.product.url}; }`,
        ],
      }),
  ],
  [
    'MCP kept by the proxy',
    'challenge-post',
    'failure',
    /POST \/mcp/,
    atAddress(['location = /mcp { return 404; }']),
  ],
  [
    'metadata missing at the path of MCP',
    'resource-document',
    'failure',
    /oauth-protected-resource/,
    atAddress(['location = /.well-known/oauth-protected-resource/mcp { return 404; }']),
  ],
  [
    'metadata missing at the root',
    'resource-document',
    'failure',
    /oauth-protected-resource/,
    atAddress(['location = /.well-known/oauth-protected-resource { return 404; }']),
  ],
  [
    'all of /.well-known kept by the proxy',
    'resource-document',
    'failure',
    /location \/\.well-known/,
    atAddress(['location /.well-known/ { return 404; }']),
  ],
  [
    'metadata for another server',
    'resource-address',
    'failure',
    /server\.public_url/,
    withDocument((url) => ({ ...good(url), resource: 'https://other.example.com/mcp' })),
  ],
  [
    'metadata for another path',
    'resource-address',
    'failure',
    /server\.oauth\.audience/,
    withDocument((url) => ({ ...good(url), resource: `${url}/other` })),
  ],
  [
    'metadata without an authorization server',
    'resource-servers',
    'failure',
    /server\.oauth\.issuer/,
    withDocument((url) => ({ ...good(url), authorization_servers: [] })),
  ],
  [
    'metadata with another authorization server',
    'resource-servers',
    'failure',
    /[Rr]estart the bridge/,
    withDocument((url) => ({ ...good(url), authorization_servers: ['http://127.0.0.1:1/'] })),
  ],
  [
    'offline_access among the scopes',
    'resource-scopes',
    'warning',
    /offline_access/,
    withDocument((url) => ({ ...good(url), scopes_supported: ['offline_access'] })),
  ],
  [
    'a second CORS header',
    'cors-metadata',
    'warning',
    /add_header Access-Control-Allow-Origin/,
    atAddress(['add_header Access-Control-Allow-Origin https://inspector.example.com;']),
  ],
  [
    'OPTIONS answered by the proxy',
    'cors-mcp',
    'warning',
    /OPTIONS/,
    () =>
      surgery.behind({
        server: [
          `location = /mcp { if ($request_method = OPTIONS) { return 405; } proxy_pass ${surgery.product.url}; }`,
        ],
      }),
  ],
  [
    'Authorization not passed on',
    'calls-legacy',
    'failure',
    /\$http_authorization/,
    () =>
      surgery.behind(
        { location: ['proxy_set_header Authorization "";', 'proxy_set_header Host $host;'] },
        { token: token() },
      ),
  ],
  [
    'Mcp-Session-Id taken out of answers',
    'calls-legacy',
    'failure',
    /proxy_hide_header Mcp-Session-Id/,
    () => surgery.behind({ server: ['proxy_hide_header Mcp-Session-Id;'] }, { token: token() }),
  ],
  [
    'Mcp-Method not passed on',
    'calls-modern',
    'failure',
    /Mcp-Method/,
    () =>
      surgery.behind(
        { location: ['proxy_set_header Mcp-Method "";', 'proxy_set_header Host $host;'] },
        { token: token() },
      ),
  ],
  [
    'a proxy that keeps streams back',
    'streaming',
    'warning',
    /proxy_buffering off/,
    () => surgery.behind({ server: ['proxy_ignore_headers X-Accel-Buffering;'] }, { token: token() }),
  ],
  [
    'metadata for the root, which Claude takes literally',
    'client-discovery',
    'warning',
    /Type https:\/\/localhost:\d+ as the address/,
    () =>
      surgery.behind(
        { server: [documentAt(JSON.stringify({ ...good(surgery.publicUrl), resource: surgery.publicUrl }))] },
        { clients: ['claude'] },
      ),
  ],
]

const SERVER: readonly Seed[] = [
  [
    'no metadata of the authorization server',
    'server-document',
    'failure',
    /server\.oauth\.issuer/,
    () =>
      surgery.having((login) => {
        login.hasMetadata = false
      }),
  ],
  [
    'an issuer that differs by the final slash',
    'server-issuer',
    'failure',
    /exactly so/,
    () =>
      surgery.having((login) => {
        login.changes = { issuer: `${login.url}/` }
      }),
  ],
  [
    'endpoints over plain http',
    'server-endpoints',
    'failure',
    /--hostname=https/,
    () =>
      surgery.having((login) => {
        login.changes = { token_endpoint: 'http://idp.example.com/token' }
      }),
  ],
  [
    'no authorization endpoint',
    'server-endpoints',
    'failure',
    /server\.oauth\.issuer/,
    () =>
      surgery.having((login) => {
        login.changes = { authorization_endpoint: undefined }
      }),
  ],
  [
    'no PKCE in the metadata',
    'server-pkce',
    'failure',
    /mode: embedded/,
    () =>
      surgery.having((login) => {
        login.changes = { code_challenge_methods_supported: undefined }
      }),
  ],
  [
    'only PKCE without a hash',
    'server-pkce',
    'failure',
    /S256/,
    () =>
      surgery.having((login) => {
        login.changes = { code_challenge_methods_supported: ['plain'] }
      }),
  ],
  [
    'no registration',
    'server-registration',
    'warning',
    /--client-id/,
    () =>
      surgery.having((login) => {
        login.changes = { registration_endpoint: undefined }
      }),
  ],
  [
    'no public clients',
    'server-public-clients',
    'warning',
    /none/,
    () =>
      surgery.having((login) => {
        login.changes = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
      }),
  ],
  [
    'no issuer in its answers',
    'server-iss',
    'note',
    /connector\/oauth/,
    () =>
      surgery.having((login) => {
        login.changes = { authorization_response_iss_parameter_supported: undefined }
      }),
  ],
  [
    'keys that cannot be fetched',
    'server-keys',
    'failure',
    /curl/,
    () =>
      surgery.having((login) => {
        login.issuer.answer = { kind: 'status', status: 500 }
      }),
  ],
  [
    'keys behind a sign-in page',
    'server-keys',
    'failure',
    /curl/,
    () =>
      surgery.having((login) => {
        login.issuer.answer = { kind: 'garbage' }
      }),
  ],
  [
    'only a key that is too short',
    'server-keys',
    'failure',
    /2048/,
    () =>
      surgery.having(({ issuer }) => {
        issuer.keys.length = 0
        issuer.addKey('short', 'RS256', 1024)
      }),
  ],
  [
    'a shared secret among the keys',
    'server-keys',
    'failure',
    /RS256/,
    () =>
      surgery.having(({ issuer }) => {
        issuer.keys.length = 0
        Object.assign(issuer.addKey('own', 'RS256'), { jwk: { kty: 'oct', k: 'AAAA', kid: 'own' } })
      }),
  ],
  [
    'keys over plain http',
    'server-keys',
    'failure',
    /https/,
    () =>
      surgery.having((login) => {
        login.changes = { jwks_uri: 'http://idp.example.com/keys' }
      }),
  ],
  [
    'an authorization server five minutes ahead',
    'server-clock',
    'failure',
    /timedatectl/,
    () =>
      surgery.having(({ issuer }) => {
        issuer.skewS = 300
      }),
  ],
  [
    'a redirect address of ChatGPT that is refused',
    'client-registration',
    'failure',
    /https:\/\/chatgpt\.com\/connector_platform_oauth_redirect/,
    () =>
      surgery.having(
        (login) => {
          login.refusesRedirect = (uri) => uri.includes('chatgpt.com')
        },
        { clients: ['chatgpt'] },
      ),
  ],
  [
    'one redirect address of Cursor that is refused',
    'client-registration',
    'failure',
    /cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\./,
    () =>
      surgery.having(
        (login) => {
          login.refusesRedirect = (uri) => uri.startsWith('cursor:')
        },
        { clients: ['cursor'] },
      ),
  ],
  [
    'a resource that the authorization server does not know',
    'client-registration',
    'failure',
    /audience, resource/,
    () =>
      surgery.having(
        (login) => {
          login.signInError = 'invalid_target'
        },
        { clients: ['codex'] },
      ),
  ],
  [
    'a scope that the authorization server does not know',
    'client-registration',
    'failure',
    /mcp:execute/,
    () =>
      surgery.having(
        (login) => {
          login.signInError = 'invalid_scope'
        },
        { clients: ['claude'] },
      ),
  ],
  [
    'a client that cannot register',
    'client-registration',
    'warning',
    /connect vscode/,
    () =>
      surgery.having(
        (login) => {
          login.changes = { registration_endpoint: undefined }
        },
        { clients: ['vscode'] },
      ),
  ],
  [
    'an issuer that a client stops at',
    'client-discovery',
    'failure',
    /server-issuer/,
    () =>
      surgery.having(
        (login) => {
          login.changes = { issuer: 'https://idp.example.com' }
        },
        { clients: ['claude-code'] },
      ),
  ],
  [
    'an API of Entra ID with another identifier',
    'server-resource',
    'failure',
    /Application ID URI to https:\/\/localhost/,
    async () => {
      const config = await surgery.configured((yaml) =>
        yaml.replace(/audience: [^}]*/, `audience: api://${TENANT}, provider: entra`),
      )
      return surgery.behind({}, { config })
    },
  ],
  [
    'registration for those with a token only',
    'client-registration',
    'warning',
    /connect codex/,
    () =>
      surgery.having(
        (login) => {
          login.registrationStatus = 401
        },
        { clients: ['codex'] },
      ),
  ],
  [
    'too many registrations',
    'client-registration',
    'note',
    /in an hour/,
    () =>
      surgery.having(
        (login) => {
          login.registrationStatus = 429
        },
        { clients: ['codex'] },
      ),
  ],
]

/** Asked of a bridge whose issuer speaks a provider's dialect; the running one is left alone. */
async function explained(text: string, provider = 'generic'): Promise<DoctorReport> {
  const config = await surgery.configured((yaml) =>
    yaml.replace('{enabled: true', `{enabled: true, provider: ${provider}`),
  )
  return surgery.behind({}, { config, token: text })
}

const TOKEN: readonly Seed[] = [
  [
    'an opaque token of Auth0',
    'token-form',
    'failure',
    /Default Audience/,
    () => explained('an-opaque-token', 'auth0'),
  ],
  [
    'an encrypted token of Auth0',
    'token-form',
    'failure',
    /audience=https:\/\/localhost/,
    () => explained(`${token()}.x.y`, 'auth0'),
  ],
  [
    'an ID token',
    'token-kind',
    'failure',
    /access_token/,
    () => explained(token({ scope: undefined, nonce: 'n' })),
  ],
  [
    'a token of another issuer',
    'token-issuer',
    'failure',
    /server\.oauth\.issuer/,
    () => explained(token({ iss: 'https://other.example.com' })),
  ],
  [
    'a token of Entra ID for Graph',
    'token-audience',
    'failure',
    /AADSTS9010010/,
    () =>
      explained(
        token({
          aud: '00000003-0000-0000-c000-000000000000',
          tid: 't',
          oid: 'o',
          azp: 'c',
          scp: 'mcp:execute',
        }),
        'entra',
      ),
  ],
  [
    'a token of Keycloak without audience',
    'token-audience',
    'failure',
    /Mappers → Add mapper → By configuration → “Audience”/,
    () => explained(token({ aud: undefined }), 'keycloak'),
  ],
  [
    'a token of Keycloak for the account console',
    'token-audience',
    'failure',
    /Included Custom Audience: https:\/\/localhost/,
    () => explained(token({ aud: 'account' }), 'keycloak'),
  ],
  [
    'a token for another server',
    'token-audience',
    'failure',
    /resource=https:\/\/localhost/,
    () => explained(token({ aud: 'https://other.example.com/mcp' })),
  ],
  [
    'an expired token',
    'token-time',
    'failure',
    /Sign in again/,
    () => explained(token({ iat: 1_700_000_000, exp: 1_700_000_600 })),
  ],
  [
    'a token that begins in the future',
    'token-time',
    'failure',
    /timedatectl/,
    () => explained(token({ nbf: Math.floor(Date.now() / 1000) + 200 })),
  ],
  [
    'a token without the scope',
    'token-scopes',
    'failure',
    /mcp:execute/,
    () => explained(token({ scope: 'profile' })),
  ],
  [
    'a token whose groups did not fit',
    'token-who',
    'failure',
    /Groups assigned to the application/,
    () =>
      explained(
        token({ tid: 't', oid: 'o', azp: 'c', scp: 'mcp:execute', _claim_names: { groups: 'src1' } }),
        'entra',
      ),
  ],
  [
    'a token that was changed',
    'token-signature',
    'failure',
    /whole token/,
    () => explained(`${token().slice(0, -8)}AAAAAAAA`),
  ],
  [
    'a token signed with an unpublished key',
    'token-signature',
    'failure',
    /server-keys/,
    () => explained(token({}, { kid: 'gone' })),
  ],
  [
    'a token of version 1 of Entra ID, with version 2 configured',
    'token-issuer',
    'failure',
    /requestedAccessTokenVersion/,
    async () => {
      const config = await surgery.configured((yaml) =>
        yaml.replace(/issuer: [^,]*/, `issuer: https://login.microsoftonline.com/${TENANT}/v2.0`),
      )
      const text = token({ iss: `https://sts.windows.net/${TENANT}/` })
      return surgery.behind({}, { config, token: text, baseUrl: surgery.publicUrl })
    },
  ],
  [
    'a token of a client that is not taken',
    'token-who',
    'failure',
    /server\.oauth\.allowed_clients/,
    async () => {
      const config = await surgery.configured((yaml) =>
        yaml.replace('{enabled: true', '{enabled: true, allowed_clients: [phone]'),
      )
      return surgery.behind({}, { config, token: token() })
    },
  ],
  [
    'a token that lives too long',
    'token-time',
    'failure',
    /server\.oauth\.max_lifetime/,
    async () => {
      const config = await surgery.configured((yaml) =>
        yaml.replace('{enabled: true', '{enabled: true, max_lifetime: 60'),
      )
      return surgery.behind({}, { config, token: token() })
    },
  ],
  [
    'something that is neither a token nor a key',
    'token-form',
    'failure',
    /keys create/,
    async () => {
      const config = await surgery.configured((yaml) =>
        yaml.replace('server:\n', 'server:\n  api_key: correct-horse-battery-staple-0\n'),
      )
      return surgery.behind({}, { config, token: 'not-a-key-of-this-bridge' })
    },
  ],
]

describe('doctor finds', () => {
  test.each(ADDRESS)('%s', async (...seed) => expectFound(await seed[4](), seed))
  test.each(PROXY)('%s', async (...seed) => expectFound(await seed[4](), seed))
  test.each(SERVER)('%s', async (...seed) => expectFound(await seed[4](), seed))
  test.each(TOKEN)('%s', async (...seed) => expectFound(await seed[4](), seed))

  test('a bridge that does not know the address that clients use', async () => {
    const home = await makeHome()
    home.configure(
      `server: {enable_http: true, oauth: {enabled: true, issuer: ${surgery.login.url}, audience: 'api://bridge'}}\nhosts: []\n`,
    )
    const product = await startProduct(home)
    // What nginx does when nobody says otherwise: the Host of the upstream.
    const report = await surgery.behind({ upstream: product.url, headers: [] }, { clients: ['chatgpt'] })
    const fix = new RegExp(`server\\.public_url: ${surgery.publicUrl}`)
    expectFound(report, ['', 'challenge-metadata', 'failure', fix, async () => report])
    await product.stop()
    await home.remove()
  })

  test('a public address that says http behind an https proxy', async () => {
    const home = await makeHome()
    const wrong = surgery.publicUrl.replace('https:', 'http:')
    home.configure(
      `server: {enable_http: true, public_url: '${wrong}', oauth: {enabled: true, issuer: ${surgery.login.url}, audience: 'api://bridge'}}\nhosts: []\n`,
    )
    const product = await startProduct(home)
    const report = await surgery.behind({ upstream: product.url })
    expectFound(report, [
      '',
      'challenge-metadata',
      'failure',
      /X-Forwarded-Proto \$scheme/,
      async () => report,
    ])
    await product.stop()
    await home.remove()
  })

  test('a clock of the bridge that is wrong', async () => {
    const server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString())
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: 'healthy', service: 'ssh-mcp-bridge' }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const report = await surgery.look({ baseUrl })
    expectFound(report, ['', 'clock', 'failure', /timedatectl/, async () => report])
    server.closeAllConnections()
    server.close()
  })
})

/** A server that keeps what it is sent, and repeats it. */
async function listener(): Promise<{ port: number; heard: string[]; close: () => void }> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'nothing'}`)
    const isHealth = request.url === '/health'
    response.writeHead(request.headers.authorization ? 500 : isHealth ? 200 : 401, {
      'content-type': 'application/json',
      'www-authenticate': 'Bearer realm="ssh-mcp-bridge"',
    })
    response.end(
      isHealth ? '{"service":"ssh-mcp-bridge"}' : `you sent ${request.headers.authorization ?? 'nothing'}`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, heard, close }
}

describe('doctor keeps to itself', () => {
  test('the token goes over no line that others can read', async () => {
    const { port, heard, close } = await listener()
    // To Linux the same server, to everybody else the network.
    await surgery.look({ baseUrl: `http://0.0.0.0:${port}`, token: token() })
    expect(heard).not.toEqual([])
    expect(heard.filter((line) => line.includes('Bearer'))).toEqual([])
    await surgery.look({ baseUrl: `http://127.0.0.1:${port}`, token: token() })
    expect(heard.filter((line) => line.includes('Bearer'))).not.toEqual([])
    close()
  })

  test('the token goes to nobody whose certificate is not trusted', async () => {
    const report = await surgery.behind({ certificate: surgery.authority.selfSigned() }, { token: token() })
    expect(report.findings.filter(({ check }) => check.startsWith('calls-'))).toMatchObject([
      { skipped: true },
      { skipped: true },
    ])
  })

  test('a token that a server repeats is not in the report', async () => {
    const { port, close } = await listener()
    const text = token()
    const report = await surgery.look({ baseUrl: `http://127.0.0.1:${port}`, token: text })
    expect(JSON.stringify(report)).toContain('you sent Bearer [token]')
    expect(JSON.stringify(report)).not.toContain(text)
    close()
  })

  test('the right to manage a registration is shown to nobody but the server that gave it', async () => {
    const { port, heard, close } = await listener()
    const report = await surgery.having(
      (login) => {
        login.managesAt = `http://127.0.0.1:${port}`
      },
      { clients: ['codex'] },
    )
    expect(heard).toEqual([])
    expect(report.findings.find(({ check }) => check === 'client-registration')?.why).toContain(
      'is left there',
    )
    close()
  })
})

describe('doctor says nothing wrong about', () => {
  test('a bridge behind nginx with an authorization server, all clients and a token', async () => {
    const report = await surgery.behind({}, { clients: CLIENT_IDS, token: token() })
    expect(troubleIn(report)).toEqual([])
    expect(report.result).toBe('ok')
    expect(report.findings.some(({ skipped }) => skipped)).toBe(false)
    expect(surgery.login.names.length).toBeGreaterThanOrEqual(CLIENT_IDS.length)
    expect([...surgery.login.registered]).toEqual([])
    surgery.login.reset()
  })

  test('what is hidden behind another fault', async () => {
    const report = await surgery.behind({ certificate: surgery.authority.issue({ days: -1 }) })
    expect(troubleIn(report)).toHaveLength(1)
    expect(report.findings.some(({ check }) => check === 'certificate-chain')).toBe(false)
  })

  test('the same bridge, looked at without its configuration', async () => {
    const { config: _, ...options } = { clients: CLIENT_IDS, token: token(), config: undefined }
    const report = await surgery.behind({}, { ...options, config: undefined as never })
    expect(troubleIn(report)).toEqual([])
  })
})
