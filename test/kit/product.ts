import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Sshd } from './sshd.ts'

/** The built product, as a person starts it. */
export const PROGRAM = resolve('dist/main.js')

/** A place of its own on the disk: configuration, state, audit and known_hosts, removed by `remove`. */
export interface Home {
  readonly directory: string
  readonly configPath: string
  /** Writes the configuration file: `hosts` and `extra` are YAML. */
  configure(yaml: string): void
  auditRecords(): AuditRecord[]
  remove(): Promise<void>
}

export interface AuditRecord {
  readonly at: string
  readonly type: string
  readonly call?: string
  readonly command?: string
  readonly host?: string
  readonly principal?: {
    readonly issuer: string
    readonly subject: string
    readonly email?: string
    readonly client?: string
  }
  readonly verdict?: string
  readonly rule?: string
  readonly reason?: string
  /** Of an event that stands for several. */
  readonly times?: number
  /** Of a lock. */
  readonly lock?: string
  readonly result?: { readonly status: string; readonly exit_status?: number; readonly error?: string }
}

export async function makeHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), 'bridge-home-'))
  await mkdir(join(directory, 'audit'), { mode: 0o700 })
  const configPath = join(directory, 'config.yaml')
  return {
    directory,
    configPath,
    configure(yaml) {
      const places = `storage: {directory: ${join(directory, 'state')}}\naudit: {directory: ${join(directory, 'audit')}}\n`
      writeFileSync(configPath, places + yaml, { mode: 0o600 })
    },
    auditRecords() {
      const files = readdirSync(join(directory, 'audit')).sort()
      const lines = files.flatMap((file) => readFileSync(join(directory, 'audit', file), 'utf8').split('\n'))
      return lines
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line))
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** A host entry of config.yaml for a test server, e.g. `hosts:\n${hostYaml('web-server', sshd)}`. */
export function hostYaml(name: string, sshd: Sshd, more: Readonly<Record<string, string>> = {}): string {
  const entry = {
    name,
    host: '127.0.0.1',
    port: String(sshd.port),
    username: sshd.username,
    private_key_path: sshd.clientKeyPath,
    host_key: sshd.hostKeyFingerprint,
    ...more,
  }
  return Object.entries(entry)
    .filter(([, value]) => value !== '')
    .map(([key, value], index) => `${index === 0 ? '  - ' : '    '}${key}: ${value}\n`)
    .join('')
}

export interface Product {
  readonly process: ChildProcessWithoutNullStreams
  /** With --http: where it listens, e.g. `http://127.0.0.1:40123`. */
  readonly url: string
  stderr(): string
  /** SIGTERM, then the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the product over HTTP on a free port and waits until it answers `/health`. */
export async function startProduct(
  home: Pick<Home, 'configPath'>,
  options: { port?: number; args?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Product> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing; run: npm run build`)
  const args = [
    PROGRAM,
    home.configPath,
    '--http',
    '--port',
    String(options.port ?? 0),
    ...(options.args ?? []),
  ]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...options.env } })
  let stderr = ''
  const url = await new Promise<string>((resolveUrl, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      const listening = /listening on (http:\/\/[^\s,]+)/i.exec(stderr)?.[1]
      if (listening) resolveUrl(listening)
    })
    child.once('exit', (code) => reject(new Error(`the product ended with ${code}:\n${stderr}`)))
  })
  return {
    process: child,
    url,
    stderr: () => stderr,
    stop: (signal = 'SIGTERM') => ended(child, signal),
  }
}

function ended(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolveCode) => {
    child.once('exit', (code) => resolveCode(code))
    child.kill(signal)
  })
}
