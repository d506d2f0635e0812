import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder, privateKeyPem } from '../../test/kit/config-folder.ts'
import { EXAMPLE_CONFIG } from './example.ts'
import { type LoadOptions, type LoadResult, loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

interface Given extends LoadOptions {
  readonly env?: Record<string, string>
  readonly mode?: number
}

async function load(text: string, { env = {}, mode, ...options }: Given = {}): Promise<LoadResult> {
  return loadConfig(folder.write('config.yaml', text, mode), env, { home: folder.home, ...options })
}

/** The problems as lines, the folder taken out. */
async function problems(text: string, given?: Given): Promise<string[]> {
  const result = await load(text, given)
  return result.ok ? [] : result.problems.map((one) => problemLine(one).replaceAll(`${folder.path}/`, ''))
}

async function config(text: string, given?: Given) {
  const result = await load(text, given)
  if (!result.ok) throw new Error(result.problems.map(problemLine).join('\n'))
  return result.config
}

const host = (name: string, more = '') =>
  `  - name: ${name}\n    host: 192.0.2.10\n    username: admin\n    agent: /run/agent.sock\n${more}`

const DESIGN = `server:
  host: "0.0.0.0"
  port: 8080
  public_url: https://ssh-mcp.example.com
  enable_http: true
  enable_stdio: false
  api_key: 0123456789abcdef-key
  oauth:
    enabled: true
    issuer: https://tenant.auth0.com/
    audience: https://ssh-mcp.example.com
    jwks_uri: https://tenant.auth0.com/.well-known/jwks.json
    provider: auth0
    claims: {email: https://ssh-mcp.example.com/email, name: n, groups: g}
  cors_origins: [https://chatgpt.com, https://chat.openai.com]
  cors_allow_credentials: true
  cors_allow_methods: [GET, POST]
  cors_allow_headers: [Authorization, Content-Type]
  log_level: INFO
  log_format: json
hosts:
  - name: bastion
    host: bastion.example.com
    username: jump
    password: "correct horse battery"
  - name: web-server
    description: Production web server
    host: 192.0.2.10
    port: 22
    username: admin
    private_key_path: ~/.ssh/id_ed25519
    execution_mode: shell
    disable_pager: true
    required_scopes: [mcp:execute, mcp:admin]
    tags: [prod, web]
    jump: bastion
    host_key: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
session: {idle_timeout: 30, max_sessions_per_host: 5, cleanup_interval: 60}
ssh_config: ~/.ssh/config
`

describe('a right configuration', () => {
  test('every key of the design is taken, in the units of the bridge', async () => {
    folder.write('home/.ssh/config', 'Host extra\n  HostName 192.0.2.30\n  User ops\n')
    const loaded = await config(DESIGN)
    expect(loaded.hosts.map(({ host: { name } }) => name)).toEqual(['bastion', 'extra', 'web-server'])
    expect(loaded.hosts[2]).toMatchObject({
      host: { executionMode: 'shell', requiredScopes: ['mcp:execute', 'mcp:admin'], tags: ['prod', 'web'] },
      address: '192.0.2.10',
      credential: { kind: 'private_key', path: join(folder.home, '.ssh/id_ed25519') },
      jump: 'bastion',
    })
    expect(loaded.session).toEqual({
      idleTimeoutMs: 1_800_000,
      maxSessionsPerHost: 5,
      cleanupIntervalMs: 60_000,
    })
    expect(loaded.server).toMatchObject({ enableHttp: true, enableStdio: false, logFormat: 'json' })
    expect(loaded.server.auth.oauth).toMatchObject({
      issuers: [{ issuer: 'https://tenant.auth0.com/', audience: ['https://ssh-mcp.example.com'] }],
      scopesSupported: ['mcp:execute', 'mcp:admin'],
    })
    expect(loaded.server.auth.apiKeys).toMatchObject([{ name: 'api_key', scopes: 'all' }])
    expect(loaded.secrets).toEqual(['0123456789abcdef-key', 'correct horse battery'])
  })

  test('the small configuration of the guide for ChatGPT starts, and public_url is recommended', async () => {
    const loaded = await config(`server:
  host: "0.0.0.0"
  port: 8080
  enable_http: true
  enable_stdio: false
  oauth: {enabled: true, issuer: "https://tenant.auth0.com/", audience: "https://ssh-mcp.example.com"}
  cors_origins: ["https://chat.openai.com", "https://chatgpt.com"]
  log_level: "INFO"
hosts:
  - name: web-server
    description: "Production web server"
    host: "server.example.com"
    username: "admin"
    private_key_path: "~/.ssh/id_ed25519"
    execution_mode: "shell"
session: {idle_timeout: 30, max_sessions_per_host: 5}
`)
    expect(loaded.server.auth.oauth?.issuers[0]?.provider).toBe('auth0')
    expect(loaded.warnings.join('\n')).toContain('server.public_url is not set')
  })

  test('the complete example of the reference page loads', async () => {
    folder.write('home/.ssh/config', '')
    const loaded = await config(EXAMPLE_CONFIG, {
      env: {
        WEB_KEY_PASSPHRASE: 'from the environment',
        WEB_SUDO_PASSWORD: 'sudo of the environment',
        BUILD_PASSWORD: 'build of the environment',
        BUILD_TOTP_SECRET: 'JBSWY3DPEHPK3PXP',
        SWITCH_PASSWORD: 'switch of the environment',
        BACKUP_JOB_KEY_SHA256: 'a'.repeat(64),
        DATABASE_PASSWORD: 'of-the-database',
      },
    })
    expect(loaded.storage.url).toMatch(/^postgres:\/\/bridge:of-the-database@database\.example\.com\/bridge/)
    expect(loaded.ssh.knownHostsFiles.at(-1)).toBe('/var/lib/ssh-mcp-bridge/known_hosts')
  })

  test('anchors and merge keys save repeating', async () => {
    const loaded = await config(
      'hosts:\n  - &web {name: a, host: 192.0.2.1, username: u, agent: /a}\n  - {<<: *web, name: b, port: 2222}\n',
    )
    expect(loaded.hosts).toMatchObject([{ port: 22 }, { address: '192.0.2.1', port: 2222, username: 'u' }])
  })

  test('a named key is kept as its hash, with its scopes and its end', async () => {
    const { server } = await config(
      `server: {api_keys: [{name: job, sha256: ${'AB'.repeat(32)}, roles: [ops], expires: 2027-01-31}]}`,
    )
    expect(server.auth.apiKeys).toEqual([
      {
        name: 'job',
        sha256: 'ab'.repeat(32),
        scopes: ['mcp:execute'],
        roles: ['ops'],
        expiresAt: new Date('2027-01-31'),
      },
    ])
    const wrong = `server: {api_keys: [{name: job, sha256: ${'a'.repeat(64)}, expires: 2027-02-30}]}`
    expect(await problems(wrong)).toEqual([expect.stringContaining('must be a date that exists')])
  })

  test('ten thousand hosts are read in little time', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, n) =>
      host(`h${n}`, n > 0 ? `    jump: h${n - 1}\n` : '').replace(
        'agent: /run/agent.sock',
        'private_key_path: ~/.ssh/id_ed25519',
      ),
    )
    expect((await config(`hosts:\n${hosts.join('')}`)).hosts).toHaveLength(10_000)
  })

  test.each([
    ['enable_http: true', true],
    ['enable_http: true, api_key: 0123456789abcdef', false],
    ['enable_stdio: true', false],
  ])('{%s}: that nobody is asked who they are is said where it is so: %j', async (server, isSaid) => {
    const told = (await config(`server: {${server}}\n`)).warnings.join()
    expect(told.includes('No authentication: every user of this machine may call')).toBe(isSaid)
  })

  test('an empty file serves nothing over stdio, and says so', async () => {
    const loaded = await config('server:\nhosts:\n')
    expect(loaded.server).toMatchObject({ host: '127.0.0.1', enableStdio: true, enableHttp: false })
    expect(loaded.hosts).toEqual([])
    expect(loaded.warnings.join()).toMatch(/No hosts.*No rules/)
    expect(loaded.storage.url).toBe(`sqlite:${join(folder.home, '.local/state/ssh-mcp-bridge/bridge.db')}`)
  })

  test.each([
    ['enable_http: true', true, false],
    ['enable_stdio: false', true, false],
    ['enable_stdio: true', false, true],
    ['enable_http: true, enable_stdio: true', true, true],
  ])('with {%s} alone, http is %s and stdio is %s', async (keys, http, stdio) => {
    const { server } = await config(`server: {${keys}}`)
    expect([server.enableHttp, server.enableStdio]).toEqual([http, stdio])
  })

  test.each([
    ['https://t.auth0.com/', 'auth0'],
    ['https://login.microsoftonline.com/tid/v2.0', 'entra'],
    ['https://org.okta.com/oauth2/default', 'okta'],
    ['https://id.example.com/realms/main', 'keycloak'],
    ['https://id.example.com', 'generic'],
  ])('the issuer %s tells the provider %s', async (issuer, provider) => {
    const { server } = await config(`server: {oauth: {enabled: true, issuer: ${issuer}, audience: [a, b]}}`)
    expect(server.auth.oauth).toMatchObject({ issuers: [{ provider, audience: ['a', 'b'] }] })
  })
})

describe('a wrong configuration', () => {
  test('ten different mistakes give ten messages in one run, each at its place', async () => {
    const text = `server:
  prot: 8080
  log_level: LOUD
  enable_http: yes please
  public_url: http://ssh-mcp.example.com
  cors_origins: [https://chatgpt.com/]
  oauth:
    enabled: true
    issuer: https://tenant.auth0.com/
hosts:
  - name: web-server
    host: 192.0.2.10:22
    username: admin
    private_key_path: ~/.ssh/missing
  - name: web-server
    host: 192.0.2.11
    username: admin
    agent: /run/agent.sock
    jump: basion
  - name: bastion
    host: 192.0.2.12
    username: admin
    execution_mode: shel
console: {enabld: true}
session:
  idle_timeout: 0
`
    expect(await problems(text)).toEqual([
      'config.yaml:2:3: unknown key `prot`: did you mean `port`?',
      'config.yaml:3:14: `log_level` is `LOUD`, but must be one of DEBUG, INFO, WARN, ERROR',
      'config.yaml:4:16: `enable_http` must be true or false',
      'config.yaml:5:15: `public_url` must begin with https:// (http is for loopback only)',
      'config.yaml:6:18: item 1 of `cors_origins` is `https://chatgpt.com/`, but must be an origin without a path or a final slash: write https://chatgpt.com',
      'config.yaml:8:14: OAuth is on, but `audience` is missing: set server.oauth.audience or IDP_AUDIENCE, such as https://ssh-mcp.example.com; or set server.oauth.mode to embedded, and the bridge signs people in itself',
      'config.yaml:12:11: `host` is `192.0.2.10:22`, but must be an address alone: write the port in port',
      'config.yaml:14:23: the key file ~/.ssh/missing does not exist: write the path of a readable private key',
      'config.yaml:15:11: host name `web-server` is already taken at config.yaml:11:11: give one of the two another name',
      'config.yaml:19:11: no host is named `basion`: did you mean `bastion`?',
      'config.yaml:20:5: host `bastion` has no credential: add private_key_path, password or agent: true',
      'config.yaml:23:21: `execution_mode` is `shel`, but must be one of exec, shell: did you mean shell?',
      'config.yaml:24:11: unknown key `enabld`: did you mean `enabled`?',
      'config.yaml:26:17: `idle_timeout` is 0, but must be a whole number from 1 to 10080',
    ])
  })

  test.each([
    ['a: b: c', '1:4: a second `: ` on this line: put a value that holds one in quotes'],
    ['server:\n\tport: 1', '2:1: a tab is used to indent: use spaces'],
    ['server: {port: 1\n', '2:1: the indentation does not fit the lines above'],
    ['server: {api_key: *abcdefghijklmnopqrst}', '1:19: an unquoted value begins with `*`'],
    ['server: {port: 1, port: 2}', '1:19: `port` is already set at config.yaml:1:10: keep one of the two'],
    [
      'server: {api_key: ${env:KEY}, port: 1}\nhosts: []',
      '1:20: something here belongs to no key: is a quote, a colon or a bracket missing, or one too many? Within { } and [ ], ${env:NAME} needs quotes',
    ],
    ['- a\n- b', '1:1: the configuration must be a mapping of keys'],
    ['server: {api_key: "0123456789 abcdef"}', '`api_key` must be printable ASCII without spaces'],
    ['server: {api_key: }', '1:19: `api_key` is empty, but must be a text'],
    ['server: {api_key: 1234567890123456789}', '`api_key` must be a text: put it in quotes'],
    ['server: {port: 80.5}', '`port` is 80.5, but must be a whole number from 0 to 65535'],
    ['server: {__proto__: {port: 1}}', '1:10: an unknown key, not shown here: known here are host, port'],
    ['server: {trusted_proxies: [10.0.0.0/33]}', 'must be an IP address or a range'],
    ['server: {api_keys: [{name: a, sha256: abc}]}', 'must be the 64 hex digits of the SHA-256 of the key'],
    ['hosts: [{host: a, username: b, agent: /a}]', '1:9: `name` is missing: what assistants see and ask for'],
    ['hosts: [{name: -a, host: a, username: b, agent: /a}]', '`name` is `-a`, but must be 1 to 63 letters'],
    ['hosts: [{name: a, host: ssh://a, username: b, agent: /a}]', 'without a scheme or a path'],
    ['hosts: [{name: a, host: u@a, username: b, agent: /a}]', 'write the user in username'],
    [
      'hosts: [{name: a, hostname: a, username: b, agent: /a}]',
      '1:19: unknown key `hostname`: did you mean `host`?',
    ],
    ['hosts: [{name: a, host: a, username: b, agent: true}]', '1:48: no agent is running here'],
    [
      'hosts: [{name: a, host: a, username: b, agent: /a, passphrase: x}]',
      '1:64: a passphrase belongs to a key',
    ],
    ['hosts: [{name: a, host: a, username: b, agent: /a, host_key: MD5:aa}]', 'must be a fingerprint'],
    ['hosts: [{name: a, host: a, username: b, agent: /a, certificate: c}]', 'not known to this version yet'],
    ['hosts: [{name: a, host: a, username: b, private_key_path: /}]', '1:59: the key file / is not a file'],
    ['ssh_config: ~/none', '1:13: the OpenSSH configuration does not exist'],
  ])('%j is told', async (text, told) => {
    const lines = await problems(text)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(told)
  })

  test('a pile of brackets is refused, brackets in many passwords are not', async () => {
    expect(await problems(`server: ${'['.repeat(5_000)}`)).toEqual([expect.stringContaining('nest too deep')])
    const many = Array.from({ length: 300 }, (_, n) => host(`h${n}`, `    description: "[{"\n`)).join('')
    expect(await problems(`hosts:\n${many}`)).toEqual([])
  })

  test('what stands before a syntax error is told with it', async () => {
    expect(await problems('server:\n  prot: 1\nhosts:\n  - name: "a\n    host: b\n')).toEqual([
      'config.yaml:2:3: unknown key `prot`: did you mean `port`?',
      expect.stringContaining('a closing quote'),
    ])
  })

  test('a jump that goes in a circle is told once, with the circle', async () => {
    const text = `hosts:\n${host('a', '    jump: b\n')}${host('b', '    jump: c\n')}${host('c', '    jump: a\n')}`
    expect(await problems(text)).toEqual([
      'config.yaml:6:11: jump goes in a circle (a → b → c → a): one of these hosts must be reached directly',
    ])
    expect(await problems(text.replace('    jump: a\n', ''))).toEqual([])
  })

  test('a file that is not there, is a folder, or is no text is one clear problem', async () => {
    const lines = async (path: string) => {
      const result = await loadConfig(path, {})
      return result.ok ? [] : result.problems.map(problemLine)
    }
    expect(await lines(join(folder.path, 'none.yaml'))).toEqual([
      `${folder.path}/none.yaml:1:1: the configuration does not exist: write the path of a readable file`,
    ])
    expect(await lines(folder.path)).toEqual([expect.stringContaining('is a directory')])
    symlinkSync('/dev/null', join(folder.path, 'link'))
    folder.write('latin.yaml', '')
    execFileSync('sh', ['-c', 'printf "server: \\351" > "$0"', join(folder.path, 'latin.yaml')])
    expect(await lines(join(folder.path, 'latin.yaml'))).toEqual([expect.stringContaining('is not UTF-8')])
  })
})

describe('authentication that is asked for and incomplete does not start', () => {
  const OAUTH = 'oauth: {enabled: true, issuer: https://id.example.com, audience: a}'
  test.each<[string, string, Record<string, string>, LoadOptions['overrides'], string | undefined]>([
    [
      'a public address without authentication',
      '{enable_http: true, host: 0.0.0.0}',
      {},
      {},
      'there is no authentication',
    ],
    ['a public address over stdio alone', '{host: 0.0.0.0}', {}, {}, undefined],
    ['a public address with OAuth', `{enable_http: true, host: 0.0.0.0, ${OAUTH}}`, {}, {}, undefined],
    [
      'a public address with a key',
      '{enable_http: true, host: 0.0.0.0, api_key: 0123456789abcdef}',
      {},
      {},
      undefined,
    ],
    [
      'a public address with a short key',
      '{enable_http: true, host: 0.0.0.0, api_key: 0123456789abcde}',
      {},
      {},
      'at least 16 characters',
    ],
    ['loopback without authentication', '{enable_http: true, host: 127.0.0.9}', {}, {}, undefined],
    ['IPv6 loopback without authentication', '{enable_http: true, host: "::1"}', {}, {}, undefined],
    [
      'every IPv6 address without authentication',
      '{enable_http: true, host: "::"}',
      {},
      {},
      'there is no authentication',
    ],
    [
      'a public_url without authentication',
      '{enable_http: true, public_url: https://a.example.com}',
      {},
      {},
      'needs authentication',
    ],
    [
      '--host on a loopback configuration',
      '{enable_http: true}',
      {},
      { host: '0.0.0.0' },
      'command line: --host: others can reach',
    ],
    ['--http on a public address', '{host: 0.0.0.0}', {}, { mode: 'http' }, 'there is no authentication'],
    [
      'SSH_MCP_HOST on a loopback configuration',
      '{enable_http: true}',
      { SSH_MCP_HOST: '192.0.2.1' },
      {},
      'environment: SSH_MCP_HOST: others can reach',
    ],
    [
      'AUTH_MODE=oidc without a provider',
      '{}',
      { AUTH_MODE: 'oidc', IDP_AUDIENCE: 'a' },
      {},
      'environment: AUTH_MODE: OAuth is on, but `issuer` is missing',
    ],
    [
      'AUTH_MODE=oidc with a provider',
      '{}',
      { AUTH_MODE: 'oidc', IDP_ISSUER: 'https://id.example.com', IDP_AUDIENCE: 'a' },
      {},
      undefined,
    ],
    [
      'AUTH_MODE=oicd',
      '{}',
      { AUTH_MODE: 'oicd' },
      {},
      'environment: AUTH_MODE: must be one of oidc, api_key',
    ],
    [
      'AUTH_MODE=api_key that turns the only authentication off',
      `{enable_http: true, host: 0.0.0.0, ${OAUTH}}`,
      { AUTH_MODE: 'api_key' },
      {},
      'there is no authentication',
    ],
    [
      'an issuer over http',
      '{oauth: {enabled: true, issuer: http://id.example.com, audience: a}}',
      {},
      {},
      '`issuer` must begin with https://',
    ],
    [
      'an issuer over http on loopback',
      '{oauth: {enabled: true, issuer: http://127.0.0.1:9, audience: a}}',
      {},
      {},
      undefined,
    ],
    [
      'the org server of Okta',
      '{oauth: {enabled: true, issuer: https://org.okta.com, audience: a}}',
      {},
      {},
      'write the issuer of a custom authorization server, such as https://org.okta.com/oauth2/default',
    ],
    [
      'two issuers that are asked about tokens',
      '{oauth: {enabled: true, issuer: https://a.example.com, audience: a, introspection: {client_id: a, client_secret: b}, issuers: [{issuer: https://b.example.com, audience: b, introspection: {client_id: a, client_secret: b}}]}}',
      {},
      {},
      'only one issuer may have `introspection`',
    ],
    [
      'one issuer of two that is asked about tokens',
      '{oauth: {enabled: true, issuer: https://a.example.com, audience: a, issuers: [{issuer: https://b.example.com, audience: b, introspection: {client_id: a, client_secret: b}}]}}',
      {},
      {},
      undefined,
    ],
    [
      'keys over http',
      `{oauth: {enabled: true, issuer: https://id.example.com, audience: a, jwks_uri: http://id.example.com}}`,
      {},
      {},
      '`jwks_uri` must begin with https://',
    ],
    [
      'credentials for every origin',
      '{cors_origins: ["*"], cors_allow_credentials: true}',
      {},
      {},
      '`*` cannot go with cors_allow_credentials',
    ],
    ['every origin without credentials', '{cors_origins: ["*"]}', {}, {}, undefined],
    ['no transport', '{enable_http: false, enable_stdio: false}', {}, {}, 'both transports are off'],
    [
      'two keys of one name',
      `{api_keys: [{name: a, sha256: ${'a'.repeat(64)}}, {name: a, sha256: ${'b'.repeat(64)}}]}`,
      {},
      {},
      'already taken at config.yaml:1:28',
    ],
  ])('%s', async (_title, server, env, overrides = {}, told) => {
    const lines = await problems(`server: ${server}`, { env, overrides })
    expect(lines).toHaveLength(told === undefined ? 0 : 1)
    if (told !== undefined) expect(lines[0]).toContain(told)
  })
})

describe('environment and command line', () => {
  test('the command line wins over the environment, which wins over the file', async () => {
    const file = 'server: {port: 1000, log_level: WARN, enable_http: true, api_key: file-key-0123456789}'
    const env = {
      SSH_MCP_PORT: '2000',
      SSH_MCP_LOG_LEVEL: 'debug',
      SSH_MCP_MODE: 'stdio',
      SSH_MCP_API_KEY: 'env-key-0123456789',
    }
    expect((await config(file)).server).toMatchObject({ port: 1000, logLevel: 'WARN', enableHttp: true })
    const fromEnv = await config(file, { env })
    expect(fromEnv.server).toMatchObject({
      port: 2000,
      logLevel: 'DEBUG',
      enableHttp: false,
      enableStdio: true,
    })
    expect(fromEnv.secrets).toEqual(['env-key-0123456789'])
    const overrides = { port: 3000, logLevel: 'ERROR', mode: 'both', logFile: 'bridge.log' } as const
    expect((await config(file, { env, overrides })).server).toMatchObject({
      port: 3000,
      logLevel: 'ERROR',
      enableHttp: true,
      enableStdio: true,
      logFile: join(folder.path, 'bridge.log'),
    })
  })

  test('IDP_ISSUER, IDP_AUDIENCE and IDP_JWKS_URI replace those of the file', async () => {
    const { server } = await config(
      'server: {oauth: {enabled: true, issuer: https://old.example.com, audience: old}}',
      {
        env: {
          IDP_ISSUER: 'https://new.example.com',
          IDP_AUDIENCE: 'a, b',
          IDP_JWKS_URI: 'https://new.example.com/k',
        },
      },
    )
    expect(server.auth.oauth).toMatchObject({
      issuers: [
        {
          issuer: 'https://new.example.com',
          audience: ['a', 'b'],
          jwksUri: 'https://new.example.com/k',
        },
      ],
    })
  })

  test('every wrong variable is told by its name, without its value', async () => {
    const env = {
      SSH_MCP_PORT: '80a',
      SSH_MCP_MODE: 'tcp',
      SSH_MCP_LOG_LEVEL: 'LOUD',
      SSH_MCP_HOST: 'a b',
      IDP_ISSUER: 'x',
      SSH_MCP_API_KEY: 'short',
    }
    expect(await problems('', { env, overrides: { port: 70_000 } })).toEqual([
      'environment: IDP_ISSUER: must be an address that begins with https://',
      'environment: SSH_MCP_API_KEY: must have at least 16 characters',
      'environment: SSH_MCP_HOST: must be a DNS name or an IP address, such as 192.0.2.10',
      'environment: SSH_MCP_LOG_LEVEL: must be one of DEBUG, INFO, WARN, ERROR',
      'environment: SSH_MCP_MODE: must be one of stdio, http, both',
      'command line: --port: must be a whole number from 0 to 65535',
    ])
    expect(await problems('', { env: { SSH_MCP_PORT: '', SSH_MCP_MODE: '', IDP_ISSUER: '' } })).toEqual([])
  })
})

describe('worth a line at start-up', () => {
  test.each([
    [
      'an issuer whose slash is unusual',
      'server: {oauth: {enabled: true, issuer: https://t.auth0.com, audience: a}}',
      'final slash',
    ],
    [
      'a password too short to redact',
      'hosts: [{name: a, host: a, username: b, password: abc}]',
      'too short to be redacted',
    ],
    [
      'a host with two credentials',
      'hosts: [{name: a, host: a, username: b, password: abcdefg, agent: /a}]',
      'only password is used',
    ],
    [
      'OAuth that is configured, but off',
      'server: {oauth: {issuer: https://a.example.com}}',
      'OAuth is configured, but off',
    ],
    [
      'a key that expired',
      `server: {api_keys: [{name: a, sha256: ${'a'.repeat(64)}, expires: 2026-01-01}]}`,
      'expired on 2026-01-01',
    ],
  ])('%s', async (_title, text, told) => {
    const clock = { now: () => new Date('2026-06-01'), monotonicMs: () => 0, sleep: async () => undefined }
    expect((await config(text, { clock })).warnings.join('\n')).toContain(told)
  })

  test('a key in OpenSSH form without a passphrase is usable, an encrypted one needs its passphrase', async () => {
    const file = join(folder.path, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', `${file}2`])
    folder.write('pem', privateKeyPem('open sesame'))
    const lines = (path: string, more = '') =>
      problems(`hosts: [{name: a, host: a, username: b, private_key_path: ${path}${more}}]`)
    expect(await lines('key')).toEqual([])
    expect(await lines('key2')).toEqual([expect.stringContaining('is encrypted: add passphrase')])
    expect(await lines('key2', ', passphrase: open sesame')).toEqual([])
    expect(await lines('pem')).toEqual([expect.stringContaining('is encrypted')])
    expect(await lines('key.pub')).toEqual([expect.stringMatching(/can be read by others|public key/)])
  })
})

describe('budgets', () => {
  const budgets = (text: string) =>
    `roles: [{name: dev, match: [{groups: dev}]}]\nhosts:\n${host('web')}budgets:\n${text}`

  test('are read in the words of the bridge, and bound nothing that they do not name', async () => {
    const read = await config(
      budgets('  - {name: team, roles: dev, per: client, calls_per_minute: 5, output_bytes_per_day: 7}\n'),
    )
    expect(read.budgets).toEqual([
      {
        name: 'team',
        per: 'client',
        roles: [{ name: 'dev', matches: [{ groups: ['dev'] }] }],
        callsPerMinute: 5,
        outputBytesPerDay: 7,
      },
    ])
    expect(read.warnings.join()).not.toContain('nobody asks for a role')
    expect((await config(`hosts:\n${host('web')}`)).budgets).toEqual([])
  })

  test('that bound nothing, are for a role that is not there, or share a name are mistakes with their place', async () => {
    const text = budgets(
      [
        '  - {name: team, per: person}',
        '  - {name: team, per: person, roles: [dve], calls_per_minute: 0}',
        '  - {name: other, per: everybody, calls_an_hour: 1}',
      ].join('\n'),
    )
    expect((await problems(text)).map((one) => one.replace(/^config.yaml:/, ''))).toEqual([
      expect.stringMatching(/^8:5: bounds nothing: write one of calls_per_minute, /),
      expect.stringMatching(/^9:12: budget name `team` is already taken at config.yaml:8:12: give/),
      expect.stringMatching(/^9:38: no role is named `dve`: did you mean `dev`\?/),
      expect.stringMatching(/^9:63: `calls_per_minute` is 0, but must be a whole number/),
      expect.stringMatching(/^10:24: `per` is `everybody`, but must be one of person, client/),
      expect.stringMatching(/^10:35: unknown key `calls_an_hour`/),
    ])
  })
})
