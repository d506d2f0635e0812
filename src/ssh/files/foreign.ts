import type { FileAttributes, SftpSession } from '../sftp/sftp.ts'
import type { FileWork } from './file-deps.ts'

/** Permission bits: writing, for the group and for everybody. */
const GROUP_WRITES = 0o020
const ALL_WRITE = 0o002

/** The user whose home a session begins in, asked once for each. */
const logins = new WeakMap<object, Promise<number | undefined>>()

/**
 * Why others than root and the login may have written the file, as far as its mode and owner tell; undefined when they may not. A group whose
 * number is its user's is taken for that user's alone, as most distributions make them. As root, the login is not known and counts as
 * another user.
 */
export async function foreignTo(
  { sftp, sudo }: FileWork,
  { mode = 0, uid, gid }: FileAttributes,
  path: string,
): Promise<string | undefined> {
  if ((mode & ALL_WRITE) !== 0) return `${path}, which everybody may write`
  if (uid === undefined) return undefined
  if ((mode & GROUP_WRITES) !== 0 && gid !== 0 && gid !== uid) return `${path}, which a group may write`
  if (uid === 0 || (!sudo && uid === (await loginOf(sftp)))) return undefined
  return `${path}, which belongs to another user`
}

function loginOf(sftp: SftpSession): Promise<number | undefined> {
  const known = logins.get(sftp.origin)
  if (known !== undefined) return known
  const asked = sftp.stat('.').then(
    ({ uid }) => uid,
    () => undefined,
  )
  logins.set(sftp.origin, asked)
  return asked
}
