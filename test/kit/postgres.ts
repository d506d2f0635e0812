import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { freePort } from './free-port.ts'

/** Debian's server, in a folder of its own, listening on loopback alone. */
export interface TestPostgres {
  readonly port: number
  /** A new, empty database: its connection string. */
  database(): Promise<string>
  /** Ends the server at once, as a power loss would; `start` brings it back on the same port with what was durable. */
  kill(): Promise<void>
  start(): Promise<void>
  /** The server itself stops and goes on: it neither answers nor refuses. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

const VERSIONS = '/usr/lib/postgresql'

export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<TestPostgres> {
  const bin = join(VERSIONS, readdirSync(VERSIONS).sort().at(-1) ?? '', 'bin')
  const directory = mkdtempSync(join(tmpdir(), 'bridge-postgres-'))
  const data = join(directory, 'data')
  // PostgreSQL does not run as root.
  const as = process.getuid?.() === 0 ? idOf('postgres') : undefined
  if (as) await chown(directory, as.uid, as.gid)
  const user = as ?? {}
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'bridge', '--auth=trust', '--no-sync', '-E', 'UTF8'], {
    stdio: 'ignore',
    cwd: directory,
    ...user,
  })
  const port = await freePort()
  const options = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    ...settings,
  }
  let server: ReturnType<typeof spawn> | undefined
  let count = 0
  const url = (name: string) => `postgres://bridge:unused@127.0.0.1:${port}/${name}`

  async function start(): Promise<void> {
    const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...args], {
      stdio: 'ignore',
      cwd: directory,
      ...user,
    })
    for (let left = 1_200; left > 0; left -= 1) {
      if (await answers(url('postgres'))) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('PostgreSQL does not answer')
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGCONT')
    ending.kill(signal)
    await gone
  }
  const others = (signal: NodeJS.Signals) => {
    for (const pid of childrenOf(server?.pid)) process.kill(pid, signal)
    server?.kill(signal)
  }

  await start()
  return {
    port,
    async database() {
      count += 1
      const name = `bridge_${count}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return url(name)
    },
    kill: () => end('SIGQUIT'),
    start,
    freeze: () => others('SIGSTOP'),
    thaw: () => others('SIGCONT'),
    async stop() {
      await end('SIGQUIT')
      if (existsSync(directory)) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return []
  try {
    return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number)
  } catch {
    return []
  }
}

function idOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
