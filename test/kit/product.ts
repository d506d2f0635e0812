import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import LibSql from 'libsql'
import type { Sshd } from './sshd.ts'

/** The built product, as a person starts it. */
export const PROGRAM = resolve('dist/main.js')

/** A place of its own on the disk: configuration, state, audit and known_hosts, removed by `remove`. */
export interface Home {
  readonly directory: string
  readonly configPath: string
  /** Writes the configuration file. `databaseUrl`: PostgreSQL in place of a file of SQLite. */
  configure(yaml: string, databaseUrl?: string): void
  /** What happened; not what the log states of itself. */
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
  const configPath = join(directory, 'config.yaml')
  return {
    directory,
    configPath,
    configure(yaml, databaseUrl) {
      const url = databaseUrl === undefined ? '' : `, url: '${databaseUrl}'`
      const places = `storage: {directory: ${join(directory, 'state')}${url}}\n`
      writeFileSync(configPath, places + yaml, { mode: 0o600 })
    },
    auditRecords: () =>
      auditLines(join(directory, 'state'))
        .map(recordOf)
        .filter(({ type }) => type !== 'audit.opened' && type !== 'audit.checkpoint'),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Of its place in the chain only the tests of the chain speak. */
function recordOf(line: string): AuditRecord {
  const { _chain, ...record } = JSON.parse(line)
  return record
}

/** The lines of the audit in a storage directory, in their order; none while there is no database. */
export function auditLines(storageDirectory: string): string[] {
  const path = join(storageDirectory, 'bridge.db')
  if (!existsSync(path)) return []
  const database = new LibSql(path)
  try {
    database.exec('PRAGMA busy_timeout=5000')
    const rows = database.prepare('SELECT line FROM audit ORDER BY seq').all() as { line: string }[]
    return rows.map(({ line }) => line)
  } finally {
    database.close()
  }
}

/** The rows that a statement gives, of the database in a storage directory; it may change something too. */
export function askDatabase(storageDirectory: string, text: string): Record<string, unknown>[] {
  const database = new LibSql(join(storageDirectory, 'bridge.db'))
  try {
    database.exec('PRAGMA busy_timeout=5000')
    const statement = database.prepare(text)
    if (statement.reader) return statement.all() as Record<string, unknown>[]
    statement.run()
    return []
  } finally {
    database.close()
  }
}

/** Every row of every table in a storage directory, as text. */
export function tablesOf(storageDirectory: string): (readonly [table: string, rows: string])[] {
  const database = new LibSql(join(storageDirectory, 'bridge.db'))
  try {
    const rowsOf = (sql: string) => database.prepare(sql).all() as Record<string, unknown>[]
    const text = (value: unknown) =>
      value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : String(value)
    return rowsOf("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => {
      const rows = rowsOf(`SELECT * FROM "${name}"`).map((row) => Object.values(row).map(text).join(' '))
      return [String(name), rows.join('\n')]
    })
  } finally {
    database.close()
  }
}

/** What the recordings show that are kept in plain, as JSON holds it and as it was shown. */
export function recordingsIn(storageDirectory: string): string {
  const database = new LibSql(join(storageDirectory, 'bridge.db'))
  try {
    const rows = database.prepare('SELECT bytes FROM recording_pieces ORDER BY recording, n').all()
    const casts = (rows as { bytes: ArrayBuffer }[]).map(({ bytes }) =>
      gunzipSync(Buffer.from(bytes)).toString(),
    )
    const lines = casts.join('').split('\n')
    const shown = lines.flatMap((line) => (line.startsWith('[') ? [JSON.parse(line)[2] as string] : []))
    return `${lines.join('\n')}\n${shown.join('')}`
  } finally {
    database.close()
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
