import type { ChangeId } from '../../domain/change.ts'
import { SftpError } from '../sftp/sftp.ts'
import type { FileWork } from './file-deps.ts'
import { removeQuietly } from './leftovers.ts'
import { shownPath } from './names.ts'
import { ifThere, Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

/** What became of a write. `unknown`: the connection was lost at the moment of the change and nobody could look. */
export type Put = { readonly changeId?: ChangeId } & (
  | { readonly kind: 'done'; readonly note?: string }
  | { readonly kind: 'unknown'; readonly reason: string }
)

/** The last step of a write, with the complete file ready at `temporary`. */
type PutInPlace = (at: FileWork, temporary: Buffer, target: WriteTarget, content: Buffer) => Promise<void>

/** Replaces what is there, atomically. The plain rename of version 3 does not replace: without the extension only new files are made. */
export const renameOnto: PutInPlace = async ({ sftp, host }, temporary, { path, existing }) => {
  if (sftp.offers('posix-rename@openssh.com')) return sftp.posixRename(temporary, path)
  if (existing !== undefined)
    throw new Refusal(
      'not_supported',
      `The SFTP server of ${host} cannot replace ${shownPath(path)} in one step (no posix-rename@openssh.com). Nothing was changed.`,
    )
  return sftp.rename(temporary, path)
}

/**
 * Makes the name, which must not be there: a hard link fails when it is, whatever else happens at the same time. Where the server or the
 * file system has none, the file is made under its name at once and then written; only then can somebody see it half written.
 */
export const linkInto: PutInPlace = async (at, temporary, target, content) => {
  const { sftp } = at
  if (sftp.offers('hardlink@openssh.com')) {
    try {
      await sftp.hardlink(temporary, target.path)
      await removeOrNote(at, temporary)
      return
    } catch (error) {
      if (!(error instanceof SftpError) || !sftp.isAlive) throw error
      await mustNotBeThere(at, target)
    }
  }
  await createExclusively(at, temporary, target, content)
  await removeOrNote(at, temporary)
}

async function createExclusively(
  at: FileWork,
  temporary: Buffer,
  target: WriteTarget,
  content: Buffer,
): Promise<void> {
  const { sftp } = at
  const { mode = 0o600 } = await sftp.lstat(temporary)
  const handle = await sftp
    .open(target.path, ['write', 'create', 'exclusive'], { mode: 0o600 })
    .catch(async (error: unknown) => {
      if (error instanceof SftpError && sftp.isAlive) await mustNotBeThere(at, target)
      throw error
    })
  try {
    await sftp.write(handle, 0, content)
    await sftp.fsetstat(handle, { mode: mode & 0o7777 })
    if (sftp.offers('fsync@openssh.com')) await sftp.fsync(handle)
    await sftp.close(handle)
  } catch (error) {
    // Removed now or not at all: later, somebody else's file may have the name.
    if (sftp.isAlive) await removeQuietly(sftp, target.path)
    throw error
  }
}

async function mustNotBeThere({ sftp, host }: FileWork, { path }: WriteTarget): Promise<void> {
  if ((await ifThere(sftp.lstat(path))) !== undefined)
    throw new Refusal('file_exists', `${shownPath(path)} is on ${host} already. Nothing was changed.`)
}

async function removeOrNote(at: FileWork, temporary: Buffer): Promise<void> {
  if (!at.sftp.isAlive || (await removeQuietly(at.sftp, temporary))) at.deps.leftovers.note(at, temporary)
}
