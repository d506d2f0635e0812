import { type FileAttributes, fileType } from '../sftp/sftp.ts'
import { keepTarget, stateOf } from './change-keeper.ts'
import { contentIfReadable } from './content.ts'
import type { FileWork, Keeping, Looking } from './file-deps.ts'
import { shownPath } from './names.ts'
import { type NewContent, putFile } from './put-file.ts'
import type { Put } from './put-in-place.ts'
import { ifThere, Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

/** Somebody else wrote there between the first look and the last one: another try may find it at rest. */
export class ChangedMeanwhile extends Refusal {
  constructor({ host }: Pick<FileWork, 'host'>, path: Buffer) {
    super(
      'file_changed',
      `${shownPath(path)} on ${host} changed while it was being replaced. Nothing was changed. Read it again.`,
    )
  }
}

/**
 * Puts the content at its place as `putFile` does, with what is there now kept before: the very bytes that are replaced, as far as SFTP
 * lets one know. They are looked at once more when they are kept and the new file is ready; between that look and the rename lies one
 * round trip. `before` is what was seen first.
 */
export async function replaceFile(
  at: FileWork,
  target: WriteTarget,
  next: NewContent,
  before: Buffer | undefined,
): Promise<Put> {
  let keeping: Keeping | undefined
  const settle = async (left: FileAttributes) => {
    keeping = await keepTarget(at, target, before, stateOf(left, next.content))
    // What may not be replaced at all need not be looked at: the link fails.
    // guard: replaced-is-what-was-kept
    if (!next.createOnly) await mustBeAsSeen(at, target, before)
  }
  try {
    return withKept(await putFile(at, target, { ...next, settle }), keeping)
  } catch (error) {
    await keeping?.forget()
    throw error
  }
}

/** What became of it, with the id by which it can be undone. */
export function withKept(put: Put, keeping: Keeping | undefined): Put {
  const changeId = keeping?.changeId === undefined ? {} : { changeId: keeping.changeId }
  if (put.kind === 'unknown') return { ...put, ...changeId }
  const note = [put.note, keeping?.note].filter((text) => text !== undefined).join(' ')
  return { ...put, ...changeId, ...(note !== '' && { note }) }
}

/** Throws `ChangedMeanwhile` unless the place is what it was: nothing, or the same regular file with the same bytes. */
export async function mustBeAsSeen(
  at: Looking,
  { path, existing }: WriteTarget,
  before: Buffer | undefined,
): Promise<void> {
  const now = await ifThere(at.sftp.lstat(path))
  if (now === undefined && existing === undefined) return
  if (now === undefined || existing === undefined || !isAlike(now, existing))
    throw new ChangedMeanwhile(at, path)
  if (before === undefined) return
  const content = await ifThere(contentIfReadable(at, path, before.length))
  if (content?.equals(before) !== true) throw new ChangedMeanwhile(at, path)
}

function isAlike(now: FileAttributes, seen: FileAttributes): boolean {
  return (
    fileType(now) === fileType(seen) && now.mode === seen.mode && now.uid === seen.uid && now.gid === seen.gid
  )
}
