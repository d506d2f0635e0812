import { made, madeJwt, madePrivateKey } from './made-secrets.ts'

/** Something that must be seen nowhere but where it was put. */
export interface Canary {
  readonly name: string
  /** The text it stands in, as a host prints it. */
  readonly line: string
  /** What gives it away, each by itself. */
  readonly cores: readonly string[]
}

function canary(name: string, core: string, around = '▒'): Canary {
  return { name, line: around.replace('▒', () => core), cores: [core] }
}

/** A value for a key of the configuration or a variable of an environment: with signs that encodings change. */
function value(name: string): Canary {
  return canary(name, `${made(9, 'word', name)}/+%"é ${made(9, 'word', `${name} end`)}`)
}

/** Base32, as authenticators want it. */
function totp(name: string): Canary {
  return canary(name, made(32, 'large', name))
}

const CONFIGURATION = [
  ...['password-1', 'password-2', 'password-3', 'password-4', 'password-of-env', 'password-of-file'],
  ...['passphrase-1', 'passphrase-2', 'sudo-1', 'sudo-2', 'sudo-of-env', 'sudo-of-file'],
  ...['answer-1', 'answer-2', 'answer-of-env', 'answer-of-file', 'webhook-secret'],
] as const

export type Configured = (typeof CONFIGURATION)[number] | 'api-key' | 'totp-1' | 'totp-2' | 'totp-of-env'

/** In the file, in variables and files that it refers to. */
export const CONFIGURED: Readonly<Record<Configured, Canary>> = Object.fromEntries([
  ...CONFIGURATION.map((name) => [name, value(name)]),
  // It stands in a header, which takes no such signs.
  ['api-key', canary('api-key', `key-${made(30, 'word', 'api-key')}`)],
  ...['totp-1', 'totp-2', 'totp-of-env'].map((name) => [name, totp(name)]),
])

/** Variables of the bridge that it has no use for. */
export const UNRELATED = ['unrelated-1', 'unrelated-2'].map((name) => canary(name, made(30, 'word', name)))

/** Variables that a host gives to each command. */
export const OF_HOST_ENVIRONMENT = ['DB_PASSWORD', 'SESSION_SECRET', 'API_TOKEN'].map((name) =>
  canary(name, made(24, 'word', name)),
)

const word = (name: string, length: number) => made(length, 'word', name)

function ofKey(name: string, pem: string): Canary {
  const cores = pem.split('\n').filter((line) => /^[A-Za-z0-9+/]{40,}$/.test(line))
  return { name, line: pem.trim(), cores }
}

/** What hosts hold and print: at least one of each kind that is recognised. */
export const OF_HOST: readonly Canary[] = [
  ofKey('pkcs8', madePrivateKey('pkcs8')),
  ofKey('rsa', madePrivateKey('rsa')),
  ofKey('encrypted', madePrivateKey('rsa', 'passphrase')),
  ofKey('ec', madePrivateKey('ec')),
  canary('aws id', `AKIA${made(16, 'large', 'aws')}`),
  canary('aws secret', made(40, 'base64', 'aws'), 'aws_secret_access_key = ▒'),
  canary('google', `AIza${word('google', 35)}`, 'key: ▒'),
  canary(
    'azure',
    `${made(86, 'base64', 'azure')}==`,
    'AccountName=a;AccountKey=▒;EndpointSuffix=core.windows.net',
  ),
  canary('github', `ghp_${word('github', 36)}`),
  canary('github fine', `github_pat_${word('fine', 22)}_${word('grained', 59)}`),
  canary('gitlab', `glpat-${word('gitlab', 20)}`, 'remote: ▒'),
  canary('slack', `xoxb-${made(12, 'small', 'slack')}-${word('slack', 24)}`),
  canary('telegram', `123456789:AA${word('telegram', 33)}`),
  canary('discord', `MTA${word('discord', 21)}.${word('disc', 6)}.${word('ord', 38)}`),
  canary('stripe', `sk_live_${word('stripe', 24)}`),
  canary('stripe hook', `whsec_${word('hook', 32)}`),
  canary('npm', `npm_${word('npm', 36)}`, '//registry.example/:_authToken=▒'),
  canary('pypi', `pypi-AgE${word('pypi', 150)}`),
  canary('anthropic', `sk-ant-api03-${word('anthropic', 95)}`),
  canary('vault', `hvs.${word('vault', 95)}`),
  canary('sendgrid', `SG.${word('send', 22)}.${word('grid', 43)}`),
  { name: 'jwt', line: madeJwt(), cores: [madeJwt().split('.')[2] ?? ''] },
  canary('database', word('database', 14), 'DATABASE_URL=postgres://app:▒@db.example:5432/app'),
  canary('git remote', word('remote', 14), 'https://user:▒@git.example/a.git'),
  canary('shadow', made(86, 'crypt', 'shadow'), `root:$6$${made(16, 'crypt', 'salt')}$▒:19000:0:99999:7:::`),
  canary('htpasswd', made(22, 'crypt', 'ht'), 'admin:$apr1$abcdefgh$▒'),
  canary('pgpass', word('pgpass', 16), 'db.example:5432:app:alice:▒'),
  canary('netrc', word('netrc', 16), 'machine git.example login alice password ▒'),
  canary('redis', word('redis', 16), 'requirepass ▒'),
  canary('bearer', word('bearer', 40), '> Authorization: Bearer ▒'),
  canary('basic', Buffer.from(`alice:${word('basic', 15)}`).toString('base64'), 'authorization: Basic ▒'),
  canary('variable', word('variable', 20), 'export APP_PASSWORD=▒'),
  canary('json', word('json', 24), '{"client_secret":"▒","client_id":"app"}'),
  canary('yaml', word('yaml', 16), 'database:\n  password: "▒"'),
  canary('badge', '12345678', 'badge-▒'),
]

/** The secret in each form that the bridge promises to know. */
export function encoded({ cores }: Canary): string[] {
  return cores.flatMap((core) => [
    core,
    Buffer.from(core).toString('base64'),
    Buffer.from(`a${core}`).toString('base64'),
    Buffer.from(`ab${core}c`).toString('base64url'),
    Buffer.from(core).toString('hex'),
    encodeURIComponent(core),
    JSON.stringify(core),
  ])
}

/** Where in the text the canary can be read, in any form; undefined where it cannot. */
export function leakOf({ name, cores }: Canary, text: string): string | undefined {
  for (const core of cores)
    for (const form of formsOf(core)) {
      const at = text.indexOf(form)
      if (at >= 0) return `${name}: …${text.slice(Math.max(0, at - 120), at)}[HERE]`
    }
  return undefined
}

function formsOf(core: string): readonly string[] {
  const bytes = Buffer.from(core)
  // What of base64 depends on the secret alone, at each of its places.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes, Buffer.alloc(3)]).toString('base64')
    return text.slice(Math.ceil((8 * shift) / 6), Math.floor((8 * (shift + bytes.length)) / 6))
  })
  const hex = bytes.toString('hex')
  const json = JSON.stringify(core).slice(1, -1)
  return [
    ...new Set([
      ...[core, json, JSON.stringify(json).slice(1, -1), hex, hex.toUpperCase(), encodeURIComponent(core)],
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ]
}

export const ALL_CANARIES: readonly Canary[] = [
  ...Object.values(CONFIGURED),
  ...UNRELATED,
  ...OF_HOST_ENVIRONMENT,
  ...OF_HOST,
]
