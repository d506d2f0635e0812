import { describe, expect, test } from 'vitest'
import { made, madeJwt, madePrivateKey } from '../../../test/kit/made-secrets.ts'
import { ORDINARY_OUTPUT } from '../../../test/kit/ordinary-output.ts'
import { SECRET_KINDS, type SecretKind } from '../../domain/secret-kind.ts'
import { createRedactor } from './create-redactor.ts'
import { recognize } from './recognize.ts'
import { labelled } from './redactor.ts'

const redaction = { secrets: [], recognizers: [recognize(new Set(SECRET_KINDS))] }
const redactor = labelled(
  createRedactor(() => redaction),
  ({ kind, isWhole }) => `«${kind}${isWhole ? '' : ', a part'}»`,
)
const clean = (text: string) => redactor.redact(text).text

/** `▒` stands for what has to go: of each kind, what is found and its legal twins, which stay. */
type Cases = { readonly gone: readonly [string, string][]; readonly stays: readonly string[] }

const PEM = madePrivateKey('pkcs8').trim()
const RSA = madePrivateKey('rsa').trim()
const LOCKED = madePrivateKey('rsa', 'passphrase').trim()
const EC = madePrivateKey('ec').trim()
const SHORT = madePrivateKey('ed25519').trim()
const lines = PEM.split('\n')
const OPENSSH = `-----BEGIN OPENSSH PRIVATE KEY-----\n${made(350, 'base64').replace(/.{70}/g, '$&\n')}\n-----END OPENSSH PRIVATE KEY-----`
const PGP = `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${made(640, 'base64').replace(/.{64}/g, '$&\n')}=${made(4)}\n-----END PGP PRIVATE KEY BLOCK-----`
const jwt = madeJwt()
const crypt = (name: string, salt: number, hash: number) =>
  `${name}${made(salt, 'crypt')}$${made(hash, 'crypt')}`

const CASES: Readonly<Record<SecretKind, Cases>> = {
  private_key: {
    gone: [
      ['$ cat key\n▒\n$', PEM],
      ['▒', RSA],
      ['a\n▒\nb', LOCKED],
      ['▒\n', EC],
      ['x ▒ y', SHORT],
      ['▒', OPENSSH],
      ['▒', PGP],
      ['▒\r\n', PEM.replaceAll('\n', '\r\n')],
      ['{"private_key":"▒\\n"}', PEM.replaceAll('\n', '\\n')],
      ['"{\\"key\\":\\"▒\\\\n\\"}"', PEM.replaceAll('\n', '\\\\n')],
      ['KEY=▒;', PEM.replaceAll('\n', ' ')],
      ['  key: |\n    ▒\n', PEM.replaceAll('\n', '\n    ')],
      [
        '     1\t▒',
        lines
          .map((line, index) => (index === 0 ? line : `${String(index + 1).padStart(6)}\t${line}`))
          .join('\n'),
      ],
      ['Jan 02 03:04:05 web app[1]: ▒', lines.join('\nJan 02 03:04:05 web app[1]: ')],
      ['client-key-data: ▒\n', Buffer.from(RSA).toString('base64')],
      ['Private-Lines: 2\n▒\nPrivate-MAC: 00', `${made(64, 'base64')}\n${made(44, 'base64')}`],
      ['# secret\n▒\n', `AGE-SECRET-KEY-1${made(58, 'large')}`],
      ['[Interface]\nPrivateKey = ▒\nListenPort = 51820', `${made(43, 'base64')}=`],
      ['{"kty":"EC","d":"▒","x":"abc"}', made(43)],
    ],
    stays: [
      SHORT.replace(/PRIVATE/g, 'PUBLIC'),
      PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE'),
      Buffer.from(PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE')).toString('base64'),
      'if (text.includes("-----BEGIN RSA PRIVATE KEY-----")) return "a key"',
      'A PEM file begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.',
      '-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----',
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${made(43, 'base64')} user@host`,
      'Private-Lines: 14 are expected',
      `PublicKey = ${made(43, 'base64')}=`,
      '{"kty":"EC","x":"abc","d":"short"}',
    ],
  },
  cloud_key: {
    gone: [
      ['aws_access_key_id = ▒\n', `AKIA${made(16, 'large')}`],
      ['aws_secret_access_key = ▒\n', made(40, 'base64')],
      ['"SecretAccessKey": "▒",', made(40, 'base64')],
      [`AKIA${made(16, 'large')},▒`.replace(/^.*,/, ',').slice(1), `ASIA${made(16, 'large')}`],
      ['key=▒&v=3', `AIza${made(35)}`],
      ['"private_key_id": "▒"', made(40, 'hex')],
      ['access ▒ ', `ya29.${made(80)}`],
      ['AccountName=a;AccountKey=▒;EndpointSuffix=core.windows.net', `${made(86, 'base64')}==`],
      ['SharedAccessKeyName=Root;SharedAccessKey=▒', `${made(43, 'base64')}=`],
      ['https://a.blob.core.windows.net/c?sv=2022-11-02&sig=▒&se=2030', `${made(40)}%2B${made(3)}%3D`],
    ],
    stays: [
      'AKIA is how such ids begin, AKIAIOSFODNN7 is too short',
      `arn:aws:iam::123456789012:role/${made(20)}`,
      `XAKIA${made(16, 'large')}`,
      `AKIA${made(16, 'large').toLowerCase()}`,
      `sha1 ${made(40, 'hex')}`,
      'AccountKey=',
      `AIza${made(20)}`,
      'https://a.example/?sig=abc&page=2',
    ],
  },
  git_token: {
    gone: [
      ['origin https://oauth2:x@a.example token ▒ ', `ghp_${made(36)}`],
      ['GH_TOKEN ▒\n', `github_pat_${made(22)}_${made(59)}`],
      ['remote: ▒.', `glpat-${made(20)}`],
      ['▒', `gho_${made(36)}`],
      ['"▒"', `ghs_${made(36)}`],
      ['(▒)', `glrt-${made(20)}`],
    ],
    stays: [
      'ghp_tooshort',
      `xghp_${made(36)}`,
      `ghp-${made(36)}`,
      'github_pat_ is the prefix',
      'glpat-short',
      `ghp_${made(300)}`,
    ],
  },
  chat_token: {
    gone: [
      ['slack ▒\n', `xoxb-${made(12, 'small')}-${made(24)}`],
      ['▒', `xapp-1-A${made(10)}-${made(13, 'small')}-${made(64, 'hex')}`],
      ['curl https://hooks.slack.com/services/▒', `T${made(8, 'large')}/B${made(8, 'large')}/${made(24)}`],
      ['bot▒/getMe', `123456789:AA${made(33)}`],
      ['login ▒ ', `MTA${made(21)}.${made(6)}.${made(38)}`],
      ['https://discord.com/api/webhooks/▒', `123456789012345678/${made(68)}`],
    ],
    stays: [
      'xoxb- is a prefix, xoxb-short',
      '10:AA is a time in hex',
      `1234:AA${made(33)}`,
      'https://hooks.slack.com/services/',
      `MTA${made(21)} is not of three parts`,
      'mac 00:AA:BB:CC:DD:EE',
    ],
  },
  payment_key: {
    gone: [
      ['STRIPE ▒\n', `sk_live_${made(24)}`],
      ['▒', `rk_test_${made(99)}`],
      ['endpoint ▒', `whsec_${made(32)}`],
      ['square ▒', `sq0csp-${made(43)}`],
      ['▒', `access_token$production$${made(16, 'small')}$${made(32, 'hex')}`],
    ],
    stays: [
      `pk_live_${made(24)}`,
      'sk_live_short',
      `task_live_${made(24)}`,
      'disk_test_results_of_yesterday',
      'whsec_',
    ],
  },
  package_token: {
    gone: [
      ['//registry.npmjs.org/:_authToken=▒', `npm_${made(36)}`],
      ['▒', `pypi-AgE${made(150)}`],
      ['docker login -p ▒', `dckr_pat_${made(27)}`],
      ['//npm.example/:_authToken=▒\n', made(24)],
      ['▒', `rubygems_${made(48, 'hex')}`],
    ],
    stays: [
      'npm_config_registry npm_lifecycle_event npm_package_version',
      'pypi-AgE',
      '//npm.example/:_authToken=${NPM_TOKEN}',
      'dckr_pat_short',
      `npm_${made(20)}`,
    ],
  },
  service_token: {
    gone: [
      ['▒', `sk-ant-api03-${made(95)}`],
      ['OPENAI ▒', `sk-${made(48)}`],
      ['▒ ', `hf_${made(34)}`],
      ['▒', `SG.${made(22)}.${made(43)}`],
      ['vault ▒', `hvs.${made(95)}`],
      ['docker swarm join --listen a ▒ 192.0.2.1:2377', `SWMTKN-1-${made(49, 'small')}-${made(25, 'small')}`],
      ['▒', `dop_v1_${made(64, 'hex')}`],
    ],
    stays: [
      'task-list-of-the-whole-week-and-more-than-forty-eight-characters',
      `disk-${made(48)}`,
      'sk-ant-',
      'hf_hub_download',
      'SG.1 and SG.2',
      'key-value',
    ],
  },
  jwt: {
    gone: [
      ['▒', jwt],
      ['token ▒.', jwt],
      ['cookie: a=▒; b=c', jwt],
      ['▒ ', `${jwt.split('.')[0]}..${made(16)}.${made(100)}.${made(22)}`],
    ],
    stays: [
      'eyJ',
      jwt.split('.')[0] ?? '',
      jwt.split('.').slice(0, 2).join('.'),
      `x${jwt}`,
      'eyJhbGciOiJub25lIn0.e30.',
      'file.eyJ.txt',
    ],
  },
  url_password: {
    gone: [
      ['DATABASE_URL=postgres://app:▒@db.example:5432/app', 'hunter2'],
      ['remote https://user:▒@git.example/a.git', 'p%40ss'],
      ['redis://:▒@cache:6379/0', 'sekrit1'],
      ['amqp://u:▒@[2001:db8::1]/v', 'a@b:c'],
      ['dsn app:▒@tcp(db:3306)/app', 'hunter2'],
    ],
    stays: [
      'http://host:8080/path@v1',
      'ssh://git@host:2222/a.git',
      'postgres://app:${DB_PASSWORD}@db/app',
      'https://user:<password>@host/ https://user:****@host/',
      'https://user@host:443/',
      'http://[::1]:8080/a@b',
      'git@github.com:user/repo.git',
      'npm http fetch GET 200 https://registry.example:443/@types/node',
    ],
  },
  password_hash: {
    gone: [
      ['root:▒:19000:0:99999:7:::\n', crypt('$6$', 16, 86)],
      ['daemon:*:19000:0:99999:7:::\nuser:▒:19000:0:99999:7:::', crypt('$y$j9T$', 22, 43)],
      ['old:▒:19000:0:99999:7:::', made(13)],
      ['admin:▒\n', crypt('$apr1$', 8, 22)],
      ['admin:▒\n', `$2y$10$${made(53, 'crypt')}`],
      ['admin:▒\n', `{SHA}${made(27, 'base64')}=`],
      ['userPassword: ▒', `{SSHA}${made(32, 'base64')}`],
      ['hash ▒', `$argon2id$v=19$m=65536,t=3,p=4$${made(22, 'base64')}$${made(43, 'base64')}`],
      ['▒', `pbkdf2_sha256$600000$${made(22)}$${made(43, 'base64')}=`],
      [
        "CREATE ROLE a PASSWORD '▒'",
        `SCRAM-SHA-256$4096:${made(22, 'base64')}==$${made(43, 'base64')}=:${made(43, 'base64')}=`,
      ],
      ['alice:1001:▒:::', `${made(32, 'hex')}:${made(32, 'hex')}`],
      [' username admin password 7 ▒\n', '0822455D0A16'],
    ],
    stays: [
      'root:x:0:0:root:/root:/bin/bash',
      'root:*:19000:0:99999:7:::\ndaemon:!:19000:0:99999:7:::\nbin:!!:19000::::::\n',
      'echo $1 $2 costs $5 $6',
      'price: $1,000 and $6.50',
      "awk '{print $1}' | sed s/a$/b/",
      `md5 ${made(32, 'hex')}  file\nmd5:${made(32, 'hex')}`,
      'use password 7 characters long',
      '[[ $a ]] && echo $y$ {SHA} ::: a b c',
    ],
  },
  password_file: {
    gone: [
      ['machine git.example login alice password ▒\n', 'hunter2'],
      ['machine git.example\n  login alice\n  password ▒\n', 'correcthorse'],
      ['db.example:5432:app:alice:▒\n', 'hunter2'],
      ['*:*:*:postgres:▒', 'pa\\:ss'],
      ['17:db.example:5432:app:alice:▒\n', 'hunter2'],
      ['/root/.pgpass:db.example:1234:*:alice:▒', 'hunter2'],
      ['requirepass ▒\n', 'foobared'],
      ['{"auths":{"a":{"auth": "▒"}}}', Buffer.from('user:hunter2').toString('base64')],
      ['network={\n  psk="▒"\n}', 'correct horse'.replace(' ', '-')],
    ],
    stays: [
      'machine learning needs a password for the server',
      'root:*:0:0:root:/root:/bin/bash',
      '12:30:45:500:600',
      'tcp 0.0.0.0:5432: listen',
      '# requirepass <password>',
      '"auth": "none"',
      'sudo:*:27:alice,bob',
    ],
  },
  authorization: {
    gone: [
      ['> Authorization: Bearer ▒\n', made(40)],
      ['authorization: Basic ▒', Buffer.from('alice:hunter2').toString('base64')],
      ["-H 'Authorization: token ▒'", made(20)],
      ['curl -s -u alice:▒ https://a.example', 'hunter2'],
      ['sshpass -p ▒ ssh a', 'hunter2'],
      ['"Authorization": "Bearer ▒"', made(30)],
    ],
    stays: [
      'WWW-Authenticate: Bearer realm="a", error="invalid_token"',
      'Authorization: Bearer $TOKEN',
      'Authorization: Bearer <token>',
      'the bearer of this message knows it',
      'curl -u alice https://a.example:8443',
      'authorization: required',
      'sshpass -e ssh a',
    ],
  },
  assignment: {
    gone: [
      ['DB_PASSWORD=▒\n', 'hunter2'],
      ['export SECRET_KEY_BASE=▒\n', made(64, 'hex')],
      ['DB_PASSWORD=▒\n', 'p&ss;w(o)rd,x'],
      ['password: ▒\n', 'hunter2'],
      ['  password: "▒"', 'correcthorse'],
      ['{"client_secret":"▒"}', made(24)],
      ['"{\\"password\\":\\"▒\\"}"', 'hunter2'],
      ['Server=a;User Id=b;Password=▒;Encrypt=true', 'hunter2'],
      ['mysql --password=▒ -u root', 'hunter2'],
      ['tool --token ▒ run', made(20)],
      ['<password>▒</password>', 'hunter2'],
      ["define('DB_PASSWORD', x); $config['db_password'] = '▒';", 'hunter2'],
      ['GET /a?access_token=▒&page=2', made(20)],
      ['x-api-key: ▒\n', made(32)],
      ['[client]\npassword="▒"\n', 'a b1 c'],
      ['spring.datasource.password=▒', 'hunter2'],
      ['PGPASSWORD=▒ psql', 'hunter2'],
    ],
    stays: [
      'PWD=/root\nOLDPWD=/tmp',
      'passwd:         files systemd\nshadow:         files\n',
      'Password: \nEnter passphrase for key:',
      'DB_PASSWORD=${DB_PASSWORD}\nDB_PASSWORD=$1\npassword: {{ vault_password }}\npassword=********\n',
      'password_file: /run/secrets/db\nPASSWORD_FILE=/run/secrets/db\npassword=/run/secrets/db',
      'function f(password: string, token?: string): void',
      'password = getpass.getpass()\ntoken = os.environ["TOKEN"]\nself.password = password',
      'SyntaxError: Unexpected token: } in JSON at position 12',
      'max_tokens: 4096\nnext_token=abcdef123456\n"nextToken": "abcdef123456"',
      'secretName: db-credentials\ntokenType: Bearer\ntoken_expires_in=3600',
      'Failed password for invalid user admin from 192.0.2.7 port 50514 ssh2',
      'password        [success=1 default=ignore]      pam_unix.so obscure use_authtok',
      'error: password authentication failed',
      'kubectl get secret -n default db-credentials',
      'PasswordAuthentication no',
      'libsecret-1-0:amd64 0.20.5-3',
      'secret:0123456789abcdef [redacted git_token secret:0123456789abcdef]',
    ],
  },
}

describe.each(SECRET_KINDS)('%s', (kind) => {
  const { gone, stays } = CASES[kind]

  test.each(gone)('is found in: %s', (around, secret) => {
    const text = clean(around.replace('▒', () => secret))
    const kinds = [...text.matchAll(/«([a-z_]+)»/g)].map((match) => match[1])
    expect(text).toBe(around.replace('▒', `«${kinds[0]}»`))
    // Some are of two kinds at once; what they are called is told by the one that knows more.
    expect(kinds).toEqual([kind])
  })

  test.each(stays)('is not: %s', (text) => {
    expect(clean(text)).toBe(text)
  })

  test('has at least three of each', () => {
    expect(Math.min(gone.length, stays.length)).toBeGreaterThanOrEqual(3)
  })
})

describe('a private key', () => {
  test('whose end is not there, or whose beginning is not, is taken out as far as it is there', () => {
    expect(clean(`a\n${lines.slice(0, 9).join('\n')}\n`)).toBe('a\n«private_key, a part»\n')
    expect(clean(`${lines.slice(9).join('\n')}\nb`)).toBe('«private_key, a part»\nb')
    expect(clean(`${lines.slice(0, 9).join('\n')}\n$ uptime\n 10:00:00 up 1 day`)).toBe(
      '«private_key, a part»\n$ uptime\n 10:00:00 up 1 day',
    )
  })

  test('is as long as 16 KiB; what goes on behind that is taken out with its last line', () => {
    const long = `-----BEGIN PRIVATE KEY-----\n${made(12_000, 'base64').replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----`
    expect(clean(`a ${long} b`)).toBe('a «private_key» b')
  })

  test('in colours is found, and is known as it is without them', () => {
    const [span] = createRedactor(() => redaction).spans(
      Buffer.from(PEM.replaceAll('\n', '\x1b[0m\n\x1b[32m')),
    )
    expect(span).toMatchObject({ kind: 'private_key', isWhole: true, value: Buffer.from(PEM) })
  })
})

test('kinds that are switched off stay', () => {
  const off = { secrets: [], recognizers: [recognize(new Set(['jwt']))] }
  const text = `DB_PASSWORD=hunter2 ghp_${made(36)}`
  expect(createRedactor(() => off).redact(text)).toEqual({ text, count: 0 })
  expect(createRedactor(() => off).redact(jwt)).toMatchObject({ count: 1 })
})

test.each(Object.entries(ORDINARY_OUTPUT))('nothing is found in ordinary output: %s', (_, output) => {
  expect(clean(output)).toBe(output)
})

test('what is made to be looked at again and again takes linear time', () => {
  const pieces = [
    'eyJ',
    'eyJ.',
    'password=',
    'password="',
    'token:',
    'secret:secret',
    'a://b:',
    '://',
    '-----BEGIN PRIVATE KEY-----',
    `-----BEGIN PRIVATE KEY-----\n${made(24)}\n`,
    `-----BEGIN PRIVATE KEY-----${made(24)} `,
    '-----END PRIVATE KEY-----',
    `${made(64)}\n-----END PRIVATE KEY-----\n`,
    'LS0tLS1CRUdJTi',
    '$6$',
    '$y$',
    ':::',
    'a:*:',
    'machine a login b ',
    'authorization: ',
    'curl -u a ',
    'Private-Lines: 9\n',
    ':AA',
    'AKIA',
    'sig=',
    '&sig=',
    '"d":"',
    "password: '",
    '<password>',
    '--token ',
    "['password'] = ",
    'bearer a',
    '\x1b]password',
    '%70',
    'ghp_',
    '{SHA}',
    'hooks.slack.com/',
  ]
  const slow = pieces.flatMap((piece) => {
    const bytes = Buffer.from(piece.repeat(Math.ceil(600_000 / piece.length)))
    const before = process.cpuUsage()
    redactor.spans(bytes)
    const tookMs = process.cpuUsage(before).user / 1_000
    return tookMs > 2_500 ? [`${piece} ${tookMs}`] : []
  })
  expect(slow).toEqual([])
})
