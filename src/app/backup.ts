import { spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import { writeFault } from '../lib/write-fault.ts'
import { copySqlite } from '../store/sql/backup.ts'
import { AtCommandLine } from './at-command-line.ts'
import { sqliteFile } from './database-place.ts'

/**
 * Writes all that the database of a configuration holds to a new file, while bridges run. PostgreSQL is copied by its own `pg_dump`, in
 * the custom format.
 *
 * @throws BridgeError when the file is there already or cannot be written, or `pg_dump` is not or fails.
 */
export async function backUp(config: Config, target: string): Promise<void> {
  // guard: backups-replace-nothing
  if (existsSync(target)) throw new BridgeError('bad_request', `${target} is there already; name a new file`)
  const file = sqliteFile(config.storage.url)
  if (file === undefined) return dump(config.storage.url, target)
  if (!existsSync(file))
    throw new BridgeError(
      'bad_request',
      `there is no database at ${file}: no bridge has run with this configuration`,
    )
  const line = await AtCommandLine.open(config)
  try {
    await copySqlite(line.database, target).catch(toldOf(target))
  } finally {
    await line.close()
  }
}

async function dump(url: string, target: string): Promise<void> {
  try {
    closeSync(openSync(target, 'wx', 0o600))
  } catch (cause) {
    toldOf(target)(cause)
  }
  try {
    await postgresTool('pg_dump', url, ['--format=custom', '--no-owner', '--file', target])
    chmodSync(target, 0o600)
  } catch (cause) {
    rmSync(target, { force: true })
    throw cause
  }
}

/** What throws that a file cannot be written, where its place is to blame; any other error as it is. */
function toldOf(target: string): (cause: unknown) => never {
  return (cause) => {
    const why = writeFault(cause)
    throw why === undefined ? cause : new BridgeError('bad_request', `${target} cannot be written: ${why}`)
  }
}

/**
 * Runs a program of PostgreSQL on a database. The password is in its environment: arguments are read by whoever lists processes.
 *
 * @throws BridgeError when it is not there, or fails; with the last line of what it said.
 */
export async function postgresTool(name: string, url: string, args: readonly string[]): Promise<void> {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const env = { ...process.env, ...(password !== '' && { PGPASSWORD: password }) }
  const child = spawn(name, [...args, '--dbname', address.href], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told = (told + text).slice(-2_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'ENOENT'
          ? new BridgeError(
              'bad_request',
              `${name} is not installed here: install the client programs of PostgreSQL, of the version of the server or newer`,
            )
          : cause,
      ),
    )
  })
  if (code === 0) return
  const last = told.trim().split('\n').at(-1)
  throw new BridgeError('bad_request', `${name} has failed: ${last ?? `exit ${code}`}`)
}
