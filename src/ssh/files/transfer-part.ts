import { createHash } from 'node:crypto'
import type { HostName } from '../../domain/host.ts'
import { type FileAttributes, fileType, SftpError, type SftpHandle, type SftpSession } from '../sftp/sftp.ts'
import type { Keeping } from './file-deps.ts'
import { removeQuietly, temporaryPath } from './leftovers.ts'
import { joinPath, shownPath, splitPath } from './names.ts'
import type { Reaching } from './reach.ts'
import { ifThere, Refusal } from './refusal.ts'

/** One side of a transfer while it is at work. */
export interface TransferSide extends Reaching {
  readonly sudo: boolean
}

/** A file that is not whole yet, beside the place where it will be. */
export interface Part {
  readonly path: Buffer
  readonly handle: SftpHandle
  /** Bytes that an earlier transfer of the same file left there; 0 for a new one. */
  readonly bytes: number
  /** To be called once nobody writes to it any more. */
  readonly free: () => void
}

/** Parts that are being written now, over all hosts: another transfer of the same file takes a name of its own. */
const underWay = new Set<string>()

/**
 * The part of a transfer of `origin` to `place`. Its name follows from both, so that a later transfer finds it; everybody could compute
 * it, so it is made exclusively, and one that is there is gone on with only when it is a file of the login's own.
 */
export async function openPart(
  side: TransferSide,
  place: Buffer,
  origin: string,
  { resume, mostBytes }: { readonly resume: boolean; readonly mostBytes: number },
): Promise<Part> {
  const { sftp } = side
  const known = createHash('sha256').update(origin).update('\0').update(place).digest('hex').slice(0, 32)
  const { directory } = splitPath(place)
  const path = joinPath(directory, `.ssh-mcp-bridge-${known}.part`)
  const key = `${side.host}\n${path.toString('latin1')}`
  if (underWay.has(key)) return create(sftp, temporaryPath(directory), () => {})
  underWay.add(key)
  const free = () => underWay.delete(key)
  try {
    return (await takeUp(side, path, { resume, mostBytes, free })) ?? (await create(sftp, path, free))
  } catch (error) {
    free()
    throw error
  }
}

/** Undefined when nothing is there, or nothing any more. */
async function takeUp(
  side: TransferSide,
  path: Buffer,
  {
    resume,
    mostBytes,
    free,
  }: { readonly resume: boolean; readonly mostBytes: number; readonly free: () => void },
): Promise<Part | undefined> {
  const { sftp } = side
  const there = await ifThere(sftp.lstat(path))
  if (there !== undefined) {
    if (resume && (await isOwn(side, there)) && (there.size ?? 0) <= mostBytes) {
      const handle = await sftp.open(path, ['read', 'write'])
      const opened = await sftp.fstat(handle)
      // Another file than the one that was looked at: somebody put a link in between.
      if (opened.size === there.size && opened.uid === there.uid && opened.mode === there.mode)
        return { path, handle, bytes: there.size ?? 0, free }
      await sftp.close(handle)
    }
    if (await removeQuietly(sftp, path)) return create(sftp, temporaryPath(splitPath(path).directory), free)
  }
  return undefined
}

async function create(sftp: SftpSession, path: Buffer, free: () => void): Promise<Part> {
  const handle = await sftp.open(path, ['read', 'write', 'create', 'exclusive'], { mode: 0o600 })
  return { path, handle, bytes: 0, free }
}

/** Whose home it is, is whose session it is: SFTP does not tell its own user. */
async function isOwn({ sftp, sudo }: TransferSide, part: FileAttributes): Promise<boolean> {
  if (fileType(part) !== 'file' || part.uid === undefined) return false
  return sudo ? part.uid === 0 : part.uid === (await sftp.stat('.')).uid
}

/** What is known of a file that is about to get its name. */
export interface Arrived {
  readonly place: Buffer
  /** What its host says of it. */
  readonly left: FileAttributes
  readonly bytes: number
  readonly sha256: string
  /** Whatever has the name may be replaced; otherwise nothing has it. */
  readonly overwrite: boolean
}

/** Keeps what one transferred file replaces. */
export type KeepPlace = (side: TransferSide, arrived: Arrived) => Promise<Keeping>

interface Placing {
  readonly mode: number
  readonly overwrite: boolean
  /** Of the whole file, for what is kept of the change; of a file among many nothing is. */
  readonly whole?: { readonly bytes: number; readonly sha256: string; readonly keep: KeepPlace }
}

/** Gives the whole file its mode and its name, in one step. Resolves with what is kept of what it replaced. */
export async function putPart(
  side: TransferSide,
  part: Part,
  place: Buffer,
  { mode, overwrite, whole }: Placing,
): Promise<Keeping | undefined> {
  const { sftp, host } = side
  const existing = overwrite ? await ifThere(sftp.lstat(place)) : undefined
  if (existing !== undefined) await keepOwner(sftp, part, existing, place, host)
  await sftp.fsetstat(part.handle, { mode })
  const left = await sftp.fstat(part.handle)
  if (sftp.offers('fsync@openssh.com')) await sftp.fsync(part.handle)
  await sftp.close(part.handle)
  const keeping = await whole?.keep(side, { place, left, overwrite, ...whole })
  try {
    await rename(side, part, place, overwrite)
    return keeping
  } catch (error) {
    // Where the answer was lost it may have been done: then what was kept is wanted.
    if (sftp.isAlive) await keeping?.forget()
    throw error
  }
}

async function rename(
  { sftp, host }: TransferSide,
  part: Part,
  place: Buffer,
  overwrite: boolean,
): Promise<void> {
  if (overwrite && sftp.offers('posix-rename@openssh.com')) return sftp.posixRename(part.path, place)
  try {
    // Version 3 does not replace: what came into the way meanwhile stays.
    await sftp.rename(part.path, place)
  } catch (error) {
    if (error instanceof SftpError && error.code === 'failure' && (await ifThere(sftp.lstat(place))))
      throw overwrite
        ? new Refusal(
            'not_supported',
            `The SFTP server of ${host} cannot replace ${shownPath(place)} in one step.`,
          )
        : new Refusal('file_exists', `${shownPath(place)} is on ${host} already. Nothing was changed.`)
    throw error
  }
}

async function keepOwner(
  sftp: SftpSession,
  { handle }: Part,
  { uid, gid }: FileAttributes,
  place: Buffer,
  host: HostName,
): Promise<void> {
  if (uid === undefined || gid === undefined) return
  const own = await sftp.fstat(handle)
  if (own.uid === uid && own.gid === gid) return
  try {
    await sftp.fsetstat(handle, { uid, gid })
  } catch (error) {
    if (!(error instanceof SftpError) || !sftp.isAlive) throw error
    throw new Refusal(
      'file_failed',
      `${shownPath(place)} on ${host} belongs to user ${uid} and group ${gid}, and the login cannot keep that. Nothing was changed.`,
    )
  }
}
