import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { MASTER } from '../kit/api-keys.ts'
import { type AuditRecord, type Home, makeHome, PROGRAM } from '../kit/product.ts'

interface Ended {
  readonly code: number | null
  readonly stderr: string
  readonly records: readonly AuditRecord[]
}

const homes: Home[] = []

afterAll(async () => {
  for (const home of homes) await home.remove()
})

/** The built product, as a person calls it, until it ends by itself or listens. */
async function start(
  server: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const home = await makeHome()
  homes.push(home)
  home.configure(`server: ${server}\nhosts: []\n`)
  const child = spawn(process.execPath, [PROGRAM, ...argumentsFor(home, args)], {
    env: { PATH: process.env.PATH, HOME: home.directory, ...env },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const isNews = !stderr.includes('Listening on')
    stderr += text
    if (isNews && stderr.includes('Listening on')) child.kill('SIGTERM')
  })
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, stderr, records: home.auditRecords() })),
  )
}

/** `validate` stands before the file, options behind it. */
function argumentsFor(home: Home, args: readonly string[]): string[] {
  return args[0] === 'validate' ? ['validate', home.configPath] : [home.configPath, ...args]
}

const ISSUER = 'https://tenant.auth0.com/'
const AUDIENCE = 'https://ssh-mcp.example.com'
const HTTP = 'enable_http: true, port: 0'
const EVERYWHERE = { SSH_MCP_HOST: '0.0.0.0' }

describe.concurrent('with authentication that is asked for and incomplete the product does not start, and says what to write', () => {
  test.each<[string, RegExp, string, NodeJS.ProcessEnv?]>([
    [
      'OAuth without an issuer',
      /`issuer` is missing/,
      `{${HTTP}, oauth: {enabled: true, audience: "${AUDIENCE}"}}`,
    ],
    [
      'OAuth without an audience',
      /`audience` is missing/,
      `{${HTTP}, oauth: {enabled: true, issuer: "${ISSUER}"}}`,
    ],
    [
      'OAuth with nothing',
      /`issuer` is missing[\s\S]*`audience` is missing/,
      `{${HTTP}, oauth: {enabled: true}}`,
    ],
    ['AUTH_MODE=oidc and nothing else', /`issuer` is missing/, `{${HTTP}}`, { AUTH_MODE: 'oidc' }],
    [
      'AUTH_MODE=oidc without IDP_AUDIENCE',
      /IDP_AUDIENCE/,
      `{${HTTP}}`,
      { AUTH_MODE: 'oidc', IDP_ISSUER: ISSUER },
    ],
    [
      'an AUTH_MODE that is none',
      /AUTH_MODE/,
      `{${HTTP}}`,
      { AUTH_MODE: 'odic', IDP_ISSUER: ISSUER, IDP_AUDIENCE: AUDIENCE },
    ],
    [
      'an issuer without TLS',
      /https/,
      `{${HTTP}, oauth: {enabled: true, issuer: "http://idp.example.com/", audience: "${AUDIENCE}"}}`,
    ],
    [
      'keys from an address without TLS',
      /https/,
      `{${HTTP}, oauth: {enabled: true, issuer: "${ISSUER}", audience: "${AUDIENCE}", jwks_uri: "http://idp.example.com/jwks"}}`,
    ],
    ['an empty audience', /audience/, `{${HTTP}, oauth: {enabled: true, issuer: "${ISSUER}", audience: ""}}`],
    [
      'no audience in the list',
      /audience/,
      `{${HTTP}, oauth: {enabled: true, issuer: "${ISSUER}", audience: []}}`,
    ],
    ['an empty key', /api_key/, `{${HTTP}, api_key: ""}`],
    [
      'a key of nothing but a variable that is not set',
      /BRIDGE_KEY/,
      `{${HTTP}, api_key: "\${env:BRIDGE_KEY}"}`,
    ],
    ['a key that can be guessed', /api_key/, `{${HTTP}, api_key: hunter2}`],
    ['a named key without its hash', /sha256/, `{${HTTP}, api_keys: [{name: ci}]}`],
    ['a hash that is none', /sha256/, `{${HTTP}, api_keys: [{name: ci, sha256: abc}]}`],
  ])('%s', async (_, said, server, env) => {
    const { code, stderr } = await start(server, [], env)
    expect(stderr).not.toContain('Listening')
    expect(stderr).toMatch(said)
    expect(stderr).toContain('Not started.')
    expect(stderr).not.toContain('hunter2')
    expect(code).toBe(2)
  })
})

describe.concurrent('on an address that others can reach the product does not start without authentication', () => {
  const REACHABLE = /there is no authentication|needs authentication/

  test.each<[string, string, string[]?, NodeJS.ProcessEnv?]>([
    ['all of IPv4', `{${HTTP}, host: 0.0.0.0}`],
    ['all of IPv6', `{${HTTP}, host: "::"}`],
    ['one address', `{${HTTP}, host: 192.0.2.10}`],
    ['by the command line', `{${HTTP}}`, ['--host', '0.0.0.0']],
    ['by the environment', `{${HTTP}}`, [], EVERYWHERE],
    ['beside stdio', `{${HTTP}, enable_stdio: true, host: 0.0.0.0}`],
    ['with HTTP turned on by the command line', '{host: 0.0.0.0}', ['--http', '--port', '0']],
    [
      'with OAuth configured and off',
      `{${HTTP}, host: 0.0.0.0, oauth: {enabled: false, issuer: "${ISSUER}", audience: "${AUDIENCE}"}}`,
    ],
    ['with an empty list of keys', `{${HTTP}, host: 0.0.0.0, api_keys: []}`],
    ['with a public address before it', `{${HTTP}, public_url: "${AUDIENCE}"}`],
  ])('%s', async (_, server, args, env) => {
    const { code, stderr } = await start(server, args, env)
    expect(stderr).not.toContain('Listening')
    expect(stderr).toMatch(REACHABLE)
    expect(code).toBe(2)
  })
})

describe.concurrent('what is whole starts', () => {
  const hash = createHash('sha256').update(MASTER).digest('hex')

  test.each<[string, string, string[]?, NodeJS.ProcessEnv?]>([
    ['no authentication on loopback', `{${HTTP}}`],
    ['a key', `{${HTTP}, api_key: ${MASTER}}`],
    ['a key from the environment', `{${HTTP}}`, [], { SSH_MCP_API_KEY: MASTER }],
    [
      'OAuth by the environment alone',
      `{${HTTP}}`,
      [],
      { AUTH_MODE: 'oidc', IDP_ISSUER: ISSUER, IDP_AUDIENCE: AUDIENCE },
    ],
    [
      'a named key behind a public address',
      `{${HTTP}, public_url: "${AUDIENCE}", api_keys: [{name: ci, sha256: ${hash}}]}`,
    ],
  ])('%s', async (_, server, args, env) => {
    const { code, stderr, records } = await start(server, args, env)
    expect(stderr).toContain('Listening on http://127.0.0.1:')
    expect(stderr).not.toContain(MASTER)
    // Ended by the line that it waits for, with nothing connected: it says so in the audit before it is gone.
    expect(records.map(({ type }) => type)).toEqual(['bridge.started', 'bridge.stopped'])
    expect(code).toBe(0)
  })

  test.each<[string, string, NodeJS.ProcessEnv?]>([
    ['a key', `{${HTTP}, host: 0.0.0.0, api_key: ${MASTER}}`],
    ['a key, reached by the environment', `{${HTTP}, api_key: ${MASTER}}`, EVERYWHERE],
    [
      'OAuth',
      `{${HTTP}, host: 0.0.0.0, oauth: {enabled: true, issuer: "${ISSUER}", audience: "${AUDIENCE}"}}`,
    ],
    ['stdio alone, for which the address means nothing', '{enable_stdio: true, host: 0.0.0.0}'],
  ])('would start on every address: %s', async (_, server, env) => {
    expect((await start(server, ['validate'], env)).code).toBe(0)
  })
})
