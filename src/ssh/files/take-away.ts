import { SftpError } from '../sftp/sftp.ts'
import { ABSENT, keepTarget } from './change-keeper.ts'
import { contentIfReadable } from './content.ts'
import type { FileWork } from './file-deps.ts'
import { goOn } from './file-work.ts'
import { removeQuietly, temporaryPath } from './leftovers.ts'
import { shownPath } from './names.ts'
import type { Put } from './put-in-place.ts'
import { Refusal } from './refusal.ts'
import { ChangedMeanwhile, mustBeAsSeen, withKept } from './replace-file.ts'
import type { WriteTarget } from './write-target.ts'

/**
 * Removes a file that holds `before`, and no other: it gets a hidden name first and is looked at there, where nobody replaces it any
 * more. One that turns out to be another is given its name back.
 */
export async function takeAway(at: FileWork, target: WriteTarget, before: Buffer): Promise<Put> {
  const { sftp, host } = at
  const keeping = await keepTarget(at, target, before, ABSENT)
  const hidden = temporaryPath(target.directory)
  let isUnderWay = false
  try {
    await mustBeAsSeen(at, target, before)
    goOn(at)
    isUnderWay = true
    if (sftp.offers('posix-rename@openssh.com')) await sftp.posixRename(target.path, hidden)
    else await sftp.rename(target.path, hidden)
    const taken = await contentIfReadable(at, hidden, before.length).catch(unlessRefused)
    // guard: removed-is-what-was-kept
    if (taken?.equals(before) !== true) throw await givenBack(at, hidden, target)
    if (await removeQuietly(sftp, hidden)) at.deps.leftovers.note(at, hidden)
    return withKept({ kind: 'done' }, keeping)
  } catch (error) {
    if (isUnderWay && error instanceof SftpError && !sftp.isAlive) {
      const [shown, other] = [shownPath(target.path), shownPath(hidden)]
      const reason = `the connection to ${host} was lost while ${shown} was being removed: it is there, or gone, or at ${other}`
      return withKept({ kind: 'unknown', reason }, keeping)
    }
    await keeping.forget()
    throw error
  }
}

/** No regular file, or a symlink: another one than was looked at. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error
}

/** The refusal that tells so; or where the file is now, when its name was taken meanwhile. */
async function givenBack(at: FileWork, hidden: Buffer, { path }: WriteTarget): Promise<Refusal> {
  try {
    await at.sftp.rename(hidden, path)
    return new ChangedMeanwhile(at, path)
  } catch (error) {
    if (!(error instanceof SftpError) || !at.sftp.isAlive) throw error
    return new Refusal(
      'file_changed',
      `${shownPath(path)} on ${at.host} changed just when it was to be removed, and its name was taken by another file: it is at ${shownPath(hidden)} now.`,
    )
  }
}
