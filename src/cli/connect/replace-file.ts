import { chmod, chown, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import { UsageError } from '../command.ts'

/** A client's settings may hold keys, so a new file is its owner's alone. */
const NEW_FILE_MODE = 0o600

/** Copies what the file held into `FILE.TIMESTAMP.bak`, with its mode; never over another copy. */
export async function backUp(path: string, content: Buffer, clock: Clock): Promise<string> {
  const stamp = clock.now().toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '')
  const mode = (await stat(path)).mode & 0o777
  for (let count = 1; ; count += 1) {
    const backup = `${path}.${stamp}${count === 1 ? '' : `-${count}`}.bak`
    const isMade = await writeNew(backup, content, mode).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw told(error)
      },
    )
    if (isMade) return backup
  }
}

/**
 * Puts a file in place whole, with the mode and owner of the one before; makes the folders that are missing. `unless` is asked last of
 * all: when it says so, nothing is replaced, and the answer is false. `mode` wins over that of the file before.
 */
export async function replaceFile(
  path: string,
  text: string,
  { unless, mode }: { readonly unless: () => Promise<boolean>; readonly mode?: number },
): Promise<boolean> {
  const unfinished = `${path}.${randomHex()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const old = await stat(path).catch(() => undefined)
    const oldMode = old === undefined ? NEW_FILE_MODE : old.mode & 0o777
    await writeNew(unfinished, Buffer.from(text), mode ?? oldMode)
    // Only root can give a file away; for anybody else it is theirs already.
    if (old !== undefined && process.getuid?.() === 0) await chown(unfinished, old.uid, old.gid)
    if (await unless()) {
      await unlink(unfinished)
      return false
    }
    await rename(unfinished, path)
    return true
  } catch (error) {
    await unlink(unfinished).catch(() => {})
    throw told(error as NodeJS.ErrnoException)
  }
}

async function writeNew(path: string, content: Buffer, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  // What the process masks out of new files is no reason to lose it.
  await chmod(path, mode)
}

function told(error: NodeJS.ErrnoException): Error {
  if (error.code === undefined || error instanceof UsageError) return error
  return new UsageError(`${error.path ?? 'the file'} cannot be written (${error.code}). Nothing was changed`)
}
