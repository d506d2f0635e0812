import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { freePort } from './free-port.ts'

export interface Nginx {
  readonly port: number
  /** The certificate to trust. */
  readonly ca: string
  /** What it has logged of requests, where its configuration says so. */
  accessLog(): string
  close(): Promise<void>
}

const OF_ONE = 'examples/docker/nginx.conf'
const OF_SEVERAL = 'deploy/nginx/ssh-mcp-bridge.conf'

/**
 * A real nginx in front of `upstream`, or of several instances, with the documented configuration: only what a machine decides is
 * replaced (addresses, ports, the certificate), so that what is documented is what is tested.
 */
export async function startNginx(upstream: string | readonly string[]): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-nginx-'))
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=ssh-mcp.example.com',
      '-addext',
      'subjectAltName=DNS:ssh-mcp.example.com',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  )
  const port = await freePort()
  const servers = typeof upstream === 'string' ? [] : upstream.map((url) => new URL(url).host)
  const places: (readonly [RegExp, string])[] =
    typeof upstream === 'string'
      ? [[/proxy_pass http:\/\/bridge:8080;/g, `proxy_pass ${upstream};`]]
      : [
          [/resolver .*;/, ''],
          [/server bridge:8080 (.*) resolve;/, servers.map((server) => `server ${server} $1;`).join('\n')],
          [/\/var\/log\/nginx\/access\.log/, join(directory, 'access.log')],
        ]
  const block = replaced(readFileSync(servers.length === 0 ? OF_ONE : OF_SEVERAL, 'utf8'), [
    ...places,
    [/listen 443 ssl;/, `listen 127.0.0.1:${port} ssl;`],
    [/ssl_certificate .*;/, `ssl_certificate ${certificate};`],
    [/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`],
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  )
  const main = join(directory, 'nginx.conf')
  writeFileSync(
    main,
    `daemon off;\nmaster_process off;\npid ${join(directory, 'pid')};\nerror_log ${join(directory, 'error.log')};\n` +
      `events {}\nhttp {\naccess_log off;\n${temporary.join('\n')}\n${block}\n}\n`,
  )
  const child = spawn('/usr/sbin/nginx', ['-p', directory, '-c', main], { stdio: 'ignore' })
  await isAnswering(port, child, join(directory, 'error.log'))
  return {
    port,
    ca: readFileSync(certificate, 'utf8'),
    accessLog: () => readFileSync(join(directory, 'access.log'), 'utf8'),
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function replaced(text: string, changes: readonly (readonly [RegExp, string])[]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!from.test(changed)) throw new Error(`the documented nginx configuration has no ${from.source}`)
    return changed.replace(from, to)
  }, text)
}

async function isAnswering(port: number, child: ChildProcess, errorLog: string): Promise<void> {
  while (child.exitCode === null) {
    if (await shakesHands(port)) return
  }
  throw new Error(`nginx ended: ${readFileSync(errorLog, 'utf8')}`)
}

function shakesHands(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    const end = (answers: boolean) => {
      socket.destroy()
      setTimeout(() => resolve(answers), answers ? 0 : 20)
    }
    socket.once('secureConnect', () => end(true))
    socket.once('error', () => end(false))
  })
}
