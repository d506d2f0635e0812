import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** As Debian's package lays out a new database: its tables, and an administrator. */
const TABLES = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'
const ADMIN = { username: 'admin', password: 'password' }

export const GLEWLWYD_USER = {
  username: 'alice',
  name: 'Alice Example',
  email: 'alice@example.com',
  password: 'lantern staple tin',
} as const

export const GLEWLWYD_CLIENT = {
  clientId: 'bridge',
  clientSecret: 'secret-of-the-client-at-glewlwyd',
} as const

export interface GlewlwydOptions {
  readonly redirectUris: readonly string[]
  /** RFC 8707: what tokens may be asked for. */
  readonly resource?: string
}

export interface Glewlwyd {
  readonly issuer: string
  /** Its own administration and login page. */
  readonly url: string
  /** A browser that is sent to `location`, with Alice in front of it: signs in by the API of the login page and is sent back. */
  signIn(location: string): Promise<string>
  /** A token of Alice for the resource, with the scope `mcp:execute`. */
  tokenFor(resource: string): Promise<string>
  /** A token of the client itself; without a resource it is for nothing that we know. */
  machineToken(resource?: string): Promise<string>
  stop(): Promise<void>
}

/** Debian's glewlwyd, an OpenID provider that is not ours, on loopback: one user, one client, everything in a folder that goes away. */
export async function startGlewlwyd({ redirectUris, resource }: GlewlwydOptions): Promise<Glewlwyd> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-glewlwyd-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const issuer = `${url}/api/oidc`
  execFileSync('sqlite3', [join(folder, 'db')], { input: readFileSync(TABLES) })
  writeFileSync(join(folder, 'conf'), configOf(port, folder), { mode: 0o600 })
  const child = spawn('glewlwyd', [`--config-file=${join(folder, 'conf')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => ended(child).then(() => rmSync(folder, { recursive: true, force: true }))
  try {
    await started(child)
    await fill(`${url}/api`, issuer, redirectUris, resource)
  } catch (error) {
    await stop()
    throw error
  }
  const [redirectUri = ''] = redirectUris
  return {
    issuer,
    url,
    signIn: (location) => signIn(`${url}/api`, location),
    machineToken: (audience) =>
      tokenOf(issuer, {
        grant_type: 'client_credentials',
        scope: 'mcp:execute',
        ...(audience !== undefined && { resource: audience }),
      }),
    async tokenFor(audience) {
      const verifier = 'v'.repeat(43)
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: GLEWLWYD_CLIENT.clientId,
        redirect_uri: redirectUri,
        scope: 'openid mcp:execute',
        resource: audience,
        state: 's'.repeat(32),
        nonce: 'n'.repeat(32),
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      })
      const back = new URL(await signIn(`${url}/api`, `${issuer}/auth?${query}`))
      return tokenOf(issuer, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      })
    },
    stop,
  }
}

/** In Debian's example, less what is not for us. */
function configOf(port: number, folder: string): string {
  return `port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
static_files_mime_types = ({ extension = ".html" mime_type = "text/html" }, { extension = ".js" mime_type = "application/javascript" },
  { extension = ".css" mime_type = "text/css" }, { extension = ".json" mime_type = "application/json" })
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
login_api_enabled=true
log_mode="console"
log_level="INFO"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3" path = "${join(folder, 'db')}" };
`
}

/** The OpenID plugin, a scope, Alice and the client, by the administrators' API. */
async function fill(
  api: string,
  issuer: string,
  redirectUris: readonly string[],
  resource: string | undefined,
): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const browser = new Browser(api)
  const scope = 'mcp:execute'
  await browser.send('POST', '/auth', ADMIN)
  await browser.send('POST', '/scope', {
    name: scope,
    display_name: scope,
    description: 'Run commands',
    password_required: true,
    password_max_age: 0,
    scheme: {},
  })
  await browser.send('POST', '/mod/plugin', {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OpenID Connect',
    parameters: {
      iss: issuer,
      'jwt-type': 'rsa',
      'jwt-key-size': '256',
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: publicKey.export({ type: 'spki', format: 'pem' }),
      'access-token-duration': 3600,
      'refresh-token-duration': 3600,
      'code-duration': 60,
      'allow-non-oidc': true,
      'auth-type-code-enabled': true,
      'auth-type-client-enabled': true,
      'auth-type-refresh-enabled': true,
      'jwks-show': true,
      'subject-type': 'public',
      'pkce-allowed': true,
      'pkce-required': true,
      'oauth-as-iss-id': true,
      'name-claim': 'mandatory',
      'email-claim': 'mandatory',
      'scope-claim': 'no',
      claims: [
        {
          name: 'email_verified',
          'user-property': 'email',
          type: 'boolean',
          'boolean-value-true': GLEWLWYD_USER.email,
          'boolean-value-false': '-',
          mandatory: true,
        },
      ],
      ...(resource !== undefined && { 'resource-allowed': true, 'resource-scope': { [scope]: [resource] } }),
    },
  })
  await browser.send('POST', '/user', { ...GLEWLWYD_USER, enabled: true, scope: ['openid', scope] })
  await browser.send('POST', '/client', {
    client_id: GLEWLWYD_CLIENT.clientId,
    name: 'The bridge',
    confidential: true,
    client_secret: GLEWLWYD_CLIENT.clientSecret,
    token_endpoint_auth_method: ['client_secret_basic', 'client_secret_post'],
    redirect_uri: redirectUris,
    authorization_type: ['code', 'client_credentials'],
    scope: [scope],
    enabled: true,
  })
}

async function signIn(api: string, location: string): Promise<string> {
  const browser = new Browser(api)
  const { username, password } = GLEWLWYD_USER
  const asked = new URL(location)
  const page = await browser.send('GET', location)
  if (!page.headers.get('location')?.includes('/login.html?'))
    throw new Error(`glewlwyd did not ask who that is: ${page.status} ${page.headers.get('location')}`)
  await browser.send('POST', '/auth', { username, password })
  const scopes = (asked.searchParams.get('scope') ?? '')
    .split(' ')
    .filter((one) => /^(openid|mcp:.*)$/.test(one))
  await browser.send('PUT', `/auth/grant/${asked.searchParams.get('client_id')}`, { scope: scopes.join(' ') })
  // As its login page does when everything is said.
  const answer = await browser.send('GET', `${location}&g_continue`)
  return answer.headers.get('location') ?? ''
}

/** Cookies, and the API below `api`. */
class Browser {
  readonly #api: string
  readonly #cookies = new Map<string, string>()

  constructor(api: string) {
    this.#api = api
  }

  async send(method: string, path: string, body?: object): Promise<Response> {
    const answer = await fetch(path.startsWith('http') ? path : `${this.#api}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.#cookies.set(name, value)
    }
    if (answer.status >= 400)
      throw new Error(`glewlwyd: ${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}

async function tokenOf(issuer: string, form: Record<string, string>): Promise<string> {
  const { clientId, clientSecret } = GLEWLWYD_CLIENT
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams(form),
  })
  const { access_token: token, ...rest } = (await answer.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`glewlwyd gave no token: ${answer.status} ${JSON.stringify(rest)}`)
  return token
}

function started(child: ChildProcess): Promise<void> {
  let told = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        told += text
        if (told.includes('Glewlwyd started on port')) resolve()
      })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`glewlwyd ended with ${code}:\n${told}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
