import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import { UsageError } from '../command.ts'
import { backUp, replaceFile } from '../connect/replace-file.ts'

/** Where a configuration will stand: what a link leads to is what is replaced. */
export function placeOf(given: string): string {
  const path = resolve(given)
  return existsSync(path) ? realpathSync(path) : path
}

/** Before anybody is asked anything. @throws UsageError where nothing can be written. */
export function checkPlace(path: string): void {
  if (existsSync(path) && !statSync(path).isFile())
    throw new UsageError(`${path} is not a file: write another path`)
  let folder = dirname(path)
  while (!existsSync(folder)) folder = dirname(folder)
  const trial = resolve(folder, `.${randomHex()}.tmp`)
  try {
    writeFileSync(trial, '', { flag: 'wx', mode: 0o600 })
    rmSync(trial)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${path} cannot be written (${code}): write another path, or give ${folder} to the user that runs this`,
    )
  }
}

/** Puts it in place whole, mode 0600, and the one before beside it. Resolves to where that is. */
export async function putConfig(path: string, text: string): Promise<string | undefined> {
  const before = existsSync(path) ? readFileSync(path) : undefined
  const backup = before === undefined ? undefined : await backUp(path, before, systemClock)
  // guard: init-writes-for-its-owner
  await replaceFile(path, text, { unless: async () => false, mode: 0o600 })
  return backup
}

export interface KeyFile {
  readonly path: string
  readonly sha256: string
  /** It was not there before. */
  readonly isNew: boolean
}

/** The key that is in the file beside the configuration, or a new one, which is put there, mode 0600. It is shown nowhere. */
export function keyBeside(config: string): KeyFile {
  const path = `${config.replace(/\.ya?ml$/, '')}.api-key`
  const isNew = !existsSync(path)
  if (isNew) writeNew(path, `smb_${randomHex()}\n`)
  const key = readFileSync(path, 'utf8').trim()
  if (!/^smb_[0-9a-f]{32}$/.test(key))
    throw new UsageError(
      `${path} is there and holds no key of a bridge: move it away, or choose another --login`,
    )
  return { path, isNew, sha256: createHash('sha256').update(key).digest('hex') }
}

function writeNew(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw new UsageError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}
