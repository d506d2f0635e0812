import { type FileAttributes, SftpError, type SftpHandle } from '../sftp/sftp.ts'
import { afterLoss } from './after-loss.ts'
import type { FileWork } from './file-deps.ts'
import { goOn } from './file-work.ts'
import { keepOwner, type Owner, ownerOf, usualMode } from './keep-owner.ts'
import { removeQuietly, temporaryPath } from './leftovers.ts'
import { shownPath } from './names.ts'
import { linkInto, type Put, renameOnto } from './put-in-place.ts'
import { ifThere, Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

export interface NewContent {
  readonly content: Buffer
  /** Permission bits; those of the file that is replaced, or 0644, when absent. */
  readonly mode?: number
  /** That of the file that is replaced, or the login's, when absent. */
  readonly owner?: Owner
  readonly createOnly: boolean
}

/** Everything is ready: looks at the target once more. `left` is what the host says of the new file. Throws to leave the old one. */
type Settle = (left: FileAttributes) => Promise<void>

/** Bytes on their way at once. */
const WINDOW_BYTES = 4 * 1024 * 1024

/**
 * Puts the content at its place in one step: written beside it under a name that nobody knows, brought to the disk, given the old
 * file's owner and mode, and renamed onto it. Whoever reads the path sees the old bytes or the new ones. Before the rename every failure
 * leaves the old file as it was; the temporary one is removed, by the next call where the connection is gone.
 */
export async function putFile(
  at: FileWork,
  target: WriteTarget,
  next: NewContent & { readonly settle: Settle },
): Promise<Put> {
  const { sftp, deps } = at
  await deps.leftovers.remove(at, sftp)
  goOn(at)
  const temporary = temporaryPath(target.directory)
  let isPlaced = false
  try {
    const handle = await sftp.open(temporary, ['write', 'create', 'exclusive'], { mode: 0o600 })
    const own = await fill(at, handle, next.content)
    await keepOwner(at, handle, target, { own, wanted: next.owner ?? ownerOf(target) })
    // One after the other at the host, and one round trip for all of them.
    const [left] = await Promise.all([
      inTurn(sftp.fsetstat(handle, { mode: next.mode ?? usualMode(target) }), sftp.fstat(handle)),
      sftp.offers('fsync@openssh.com') && sftp.fsync(handle),
      sftp.close(handle),
      sameDirectory(at, target),
    ])
    await next.settle(left)
    goOn(at)
    isPlaced = true
    await (next.createOnly ? linkInto : renameOnto)(at, temporary, target, next.content)
    if (!next.createOnly) await mustBeMoved(at, temporary, target)
    return { kind: 'done' }
  } catch (error) {
    if (
      isPlaced &&
      error instanceof SftpError &&
      (error.code === 'connection_lost' || error.code === 'timed_out')
    )
      return afterLoss(at, temporary, target, next.content)
    if (!sftp.isAlive || (await removeQuietly(sftp, temporary))) deps.leftovers.note(at, temporary)
    throw error
  }
}

/** A rename asks for rights on the directory alone: a file that the login may not write stays. */
export async function mustBeWritable({ sftp }: FileWork, { path, existing }: WriteTarget): Promise<void> {
  if (existing === undefined) return
  try {
    await sftp.close(await sftp.open(path, ['write']))
  } catch (error) {
    // A program that runs cannot be written, but very well be replaced; that and the like come as `failure`.
    if (error instanceof SftpError && error.code === 'failure') return
    throw error
  }
}

/** What the host says of the file then. */
async function fill(at: FileWork, handle: SftpHandle, content: Buffer): Promise<FileAttributes> {
  for (let offset = 0; offset < content.length; offset += WINDOW_BYTES) {
    goOn(at)
    await at.sftp.write(handle, offset, content.subarray(offset, offset + WINDOW_BYTES))
  }
  const own = await at.sftp.fstat(handle)
  const { size } = own
  if (size !== undefined && size !== content.length)
    throw new Refusal(
      'file_failed',
      `${at.host} took ${size} of ${content.length} bytes. Nothing was changed.`,
    )
  return own
}

/** A server that says yes and does nothing must not make a lie of our answer. */
async function mustBeMoved(
  { sftp, host }: FileWork,
  temporary: Buffer,
  { path }: WriteTarget,
): Promise<void> {
  if ((await ifThere(sftp.lstat(temporary))) !== undefined)
    throw new Refusal('file_failed', `${host} said that ${shownPath(path)} was replaced, and did not do it.`)
}

/** Both were sent; the host does one after the other. */
async function inTurn<T>(first: Promise<void>, second: Promise<T>): Promise<T> {
  const [, result] = await Promise.all([first, second])
  return result
}

/** A directory on the way may have become a symlink meanwhile. */
async function sameDirectory({ sftp, host }: FileWork, { directory }: WriteTarget): Promise<void> {
  const now = await sftp.realpath(directory)
  if (!now.equals(directory))
    throw new Refusal(
      'file_changed',
      `${shownPath(directory)} on ${host} became a symlink meanwhile. Nothing was changed.`,
    )
}
