import { contentIfReadable } from './content.ts'
import type { FileWork } from './file-deps.ts'
import { removeQuietly } from './leftovers.ts'
import { shownPath } from './names.ts'
import type { Put } from './put-in-place.ts'
import { ifThere, Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

/**
 * The connection was lost while the host was asked to put the new file in place. Looks again over another one: the bytes at the path and
 * whether the temporary file is still there tell which of the two happened. Where nobody can look, that is the answer.
 */
export async function afterLoss(
  at: FileWork,
  temporary: Buffer,
  target: WriteTarget,
  content: Buffer,
): Promise<Put> {
  const { deps, owner, host, sudo, signal } = at
  const shown = shownPath(target.path)
  const unknown = (reason: string): Put => {
    deps.leftovers.note(at, temporary)
    return { kind: 'unknown', reason }
  }
  const sftp = await deps.openSftp({ owner, host }, at.target, { sudo }, signal).catch(() => undefined)
  if (sftp === undefined || 'kind' in sftp)
    return unknown(
      `the connection to ${host} was lost while ${shown} was being replaced, and could not be made again: it is the old file or the new one`,
    )
  try {
    const found = await contentIfReadable({ ...at, sftp }, target.path, content.length).catch(() => undefined)
    const remains = (await ifThere(sftp.lstat(temporary))) !== undefined
    if (remains && (await removeQuietly(sftp, temporary))) deps.leftovers.note(at, temporary)
    if (found?.equals(content))
      return {
        kind: 'done',
        note: 'The connection was lost during the change; it was looked at afterwards and is made.',
      }
    if (remains && found !== undefined && target.existing === undefined)
      return unknown(
        `the connection to ${host} was lost while ${shown} was being made: what is there now may be a part of it`,
      )
    if (remains)
      throw new Refusal(
        'host_unreachable',
        `The connection to ${host} was lost before ${shown} was replaced. Nothing was changed.`,
      )
    return unknown(
      `the connection to ${host} was lost while ${shown} was being replaced; it was replaced, but is not what was written any more`,
    )
  } catch (error) {
    if (error instanceof Refusal) throw error
    return unknown(
      `the connection to ${host} was lost twice while ${shown} was being replaced: it is the old file or the new one`,
    )
  } finally {
    sftp.release()
  }
}
