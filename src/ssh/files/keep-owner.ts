import { type FileAttributes, SftpError, type SftpHandle } from '../sftp/sftp.ts'
import type { FileWork } from './file-deps.ts'
import { shownPath } from './names.ts'
import { Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

/** What a file gets that was not there before; a server's umask cannot be asked for. */
const USUAL_MODE = 0o644
/** Entries of a directory that are looked through for the number of names of a file. */
const MOST_LOOKED_AT = 20_000

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Of the file that is replaced, where the host tells. */
export function ownerOf({ existing }: WriteTarget): Owner | undefined {
  const { uid, gid } = existing ?? {}
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/**
 * Gives the new file the owner and the group of the old one; `own` is what it has. Changing them takes setuid bits away, so the mode comes
 * afterwards. Where they cannot be kept the work is refused: a file that suddenly belongs to somebody else breaks what reads it.
 */
export async function keepOwner(
  { sftp, host, target: login, sudo }: FileWork,
  handle: SftpHandle,
  { path }: WriteTarget,
  { own, wanted }: { readonly own: FileAttributes; readonly wanted: Owner | undefined },
): Promise<void> {
  if (wanted === undefined || (own.uid === wanted.uid && own.gid === wanted.gid)) return
  const { uid, gid } = wanted
  await sftp.fsetstat(handle, { uid, gid }).catch((error: unknown) => {
    if (!(error instanceof SftpError) || !sftp.isAlive) throw error
  })
  const now = await sftp.fstat(handle)
  if (now.uid === uid && now.gid === gid) return
  const help = login.sudo !== undefined && !sudo ? ' With sudo: true it can.' : ''
  throw new Refusal(
    'file_failed',
    `${shownPath(path)} on ${host} belongs to user ${uid} and group ${gid}, and the login cannot keep that.${help} Nothing was changed.`,
  )
}

/** The mode of the file that is replaced. Set after the owner. */
export function usualMode({ existing }: WriteTarget): number {
  return existing?.mode === undefined ? USUAL_MODE : existing.mode & 0o7777
}

/**
 * Refuses a file that has several names: a rename would part this one from the others. SFTP tells the number in the lines of a listing
 * only; a server that writes them in another way, or a very large directory, goes unchecked.
 */
export async function mustHaveOneName(
  { sftp, host }: FileWork,
  { path, directory, existing }: WriteTarget,
): Promise<void> {
  if (existing === undefined) return
  const name = path.subarray(path.lastIndexOf(0x2f) + 1)
  const handle = await sftp.opendir(directory).catch((error: unknown) => {
    // A directory that may be entered and not listed.
    if (error instanceof SftpError && error.code === 'permission_denied') return undefined
    throw error
  })
  if (handle === undefined) return
  let links: number | undefined
  for (let seen = 0; seen < MOST_LOOKED_AT && links === undefined; ) {
    const entries = await sftp.readdir(handle)
    if (entries === undefined) break
    seen += entries.length
    links = entries.find((entry) => entry.name.equals(name))?.linkCount
  }
  await sftp.close(handle)
  if (links !== undefined && links > 1)
    throw new Refusal(
      'file_failed',
      `${shownPath(path)} on ${host} has ${links} names (hard links); replacing it would part them. Write it by a command, e.g. cat > or tee. Nothing was changed.`,
    )
}
