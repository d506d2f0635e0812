import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomHex } from '../lib/ids.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Puts a file in place whole, readable by its user alone, another than the process's only where `owner` says so: written beside it, synced, then renamed, so a crash leaves the old
 * one or the new one; a crash may also leave the unfinished file, `NAME.<32 hex>.tmp` for `NAME.json`. Makes the folder when it is not there.
 * It is durable once `syncDirectory` has resolved, which many files may share.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  owner?: Owner,
): Promise<void> {
  const unfinished = path.replace(/[^.]+$/, `${randomHex()}.tmp`)
  try {
    const file = await makeFile(unfinished)
    try {
      await file.writeFile(content)
      if (owner !== undefined) await file.chown(owner.uid, owner.gid)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (cause) {
    await unlink(unfinished).catch(() => {})
    throw cause
  }
}

/** A rename is durable once its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** `unlink`, for which a file that is gone already is no error. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
  })
}

export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

async function makeFile(path: string): Promise<FileHandle> {
  const make = () => open(path, 'wx', 0o600)
  return make().catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    await makeDirectory(dirname(path))
    return make()
  })
}
