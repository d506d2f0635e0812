import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files of a server certificate: its key, and what the server sends. */
export interface ServerCertificate {
  readonly key: string
  readonly chain: string
}

export interface CertificateWish {
  readonly names?: readonly string[]
  /** From now on, in days; negative ends lie in the past. */
  readonly days?: number
  /** What of the chain is sent. */
  readonly sends?: 'all' | 'leaf'
}

/** An authority with an intermediate, made by openssl, and the certificates that it gives out. */
export interface TestAuthority {
  /** The root, as PEM: what a client that trusts it is given. */
  readonly ca: string
  issue(wish?: CertificateWish): ServerCertificate
  selfSigned(): ServerCertificate
  remove(): void
}

const CONFIG = `
[ca]
default_ca = it
[it]
new_certs_dir = certs
database = index
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`

export function testAuthority(): TestAuthority {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-ca-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
  const read = (name: string) => readFileSync(join(directory, name), 'utf8')
  mkdirSync(join(directory, 'certs'))
  write('ca.conf', CONFIG)
  write('index', '')
  write('serial', '1000\n')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=Test Root',
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
  )

  let count = 0
  const sign = (subject: string, by: string, extensions: string, days: number, key = `${count}.key`) => {
    const name = String(count)
    count += 1
    openssl('req', ...newKey, '-subj', `/CN=${subject}`, '-keyout', key, '-out', `${name}.csr`)
    write(`${name}.ext`, extensions)
    const [from, until] = days < 0 ? [days - 30, days] : [-1, days]
    openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.conf',
      '-cert',
      `${by}.pem`,
      '-keyfile',
      `${by}.key`,
      '-startdate',
      stamp(from),
      '-enddate',
      stamp(until),
      '-extfile',
      `${name}.ext`,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    )
    return name
  }
  const middle = sign('Test Intermediate', 'root', 'basicConstraints=critical,CA:TRUE\n', 300, 'middle.key')
  write('middle.pem', read(`${middle}.pem`))

  return {
    ca: read('root.pem'),
    issue({ names = ['localhost'], days = 90, sends = 'all' } = {}) {
      const alternative = names.map((name) => `DNS:${name}`).join(',')
      const name = sign(names[0] ?? '', 'middle', `subjectAltName=${alternative}\n`, days)
      write(`${name}.chain`, read(`${name}.pem`) + (sends === 'all' ? read('middle.pem') : ''))
      return { key: join(directory, `${name}.key`), chain: join(directory, `${name}.chain`) }
    },
    selfSigned() {
      openssl(
        'req',
        '-x509',
        ...newKey,
        '-days',
        '30',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        'own.key',
        '-out',
        'own.pem',
      )
      return { key: join(directory, 'own.key'), chain: join(directory, 'own.pem') }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** ASN.1 GeneralizedTime, as openssl takes it. */
function stamp(daysFromNow: number): string {
  const date = new Date(Date.now() + daysFromNow * 86_400_000)
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
}
