import { type FileAttributes, fileType, remotePath, SftpError } from '../sftp/sftp.ts'
import type { FileWork } from './file-deps.ts'
import { joinPath, shownPath, splitPath } from './names.ts'
import { mustBeAsDecided, pathInReach } from './reach.ts'
import { ifThere, Refusal } from './refusal.ts'
import { mustBeRegular } from './regular-file.ts'

/** Where the bytes of a write go: a place without symlinks on the way, and what is there now. */
export interface WriteTarget {
  readonly path: Buffer
  readonly directory: Buffer
  /** Of the file that would be replaced, by lstat. */
  readonly existing?: FileAttributes
}

interface Asked {
  readonly path: string
  readonly createOnly?: boolean
  readonly createDirectories?: boolean
  readonly dryRun: boolean
}

const DEEPEST = 64

/**
 * Follows the symlinks of the path, the last one too: what a link names is written, and the link stays. With `createOnly` the last part
 * is not followed: whatever has the name is in the way. Makes directories when asked to, unless nothing is to be changed.
 */
export async function writeTarget(at: FileWork, asked: Asked): Promise<WriteTarget> {
  const path = remotePath(asked.path)
  const { name } = splitPath(Buffer.from(path))
  if (path.endsWith('/') || isDots(name))
    throw new Refusal('file_failed', `${shownPath(asked.path)} names a directory, not a file.`)
  const createOnly = asked.createOnly === true
  const bytes = Buffer.from(await pathInReach(at, path, asked.path, { followsLast: !createOnly }))
  const [parent, found] = await Promise.all([
    ifThere(at.sftp.stat(splitPath(bytes).directory)),
    ifThere(realTarget(at, bytes, createOnly)),
  ])
  const missing = parent === undefined ? await missingDirectories(at, bytes) : []
  if (missing.length > 0) {
    if (asked.createDirectories !== true)
      throw new Refusal(
        'file_not_found',
        `The directory of ${shownPath(asked.path)} is not there on ${at.host}. create_directories makes it.`,
      )
    // Nothing can be there yet, and nothing is made to find out.
    if (asked.dryRun) return { path: bytes, directory: splitPath(bytes).directory }
    for (const directory of missing) await makeDirectory(at, directory)
  }
  const real = found ?? (await realTarget(at, bytes, createOnly))
  mustBeAsDecided(at, real, bytes, asked.path)
  const existing = await ifThere(at.sftp.lstat(real))
  const target = { path: real, directory: splitPath(real).directory }
  if (existing === undefined) return target
  if (createOnly)
    throw new Refusal(
      'file_exists',
      `${shownPath(asked.path)} is on ${at.host} already. Nothing was changed.`,
    )
  mustBeRegular(existing, asked.path, at.host)
  return { ...target, existing }
}

async function realTarget({ sftp }: FileWork, path: Buffer, createOnly: boolean): Promise<Buffer> {
  const { directory, name } = splitPath(path)
  if (createOnly) return joinPath(await sftp.realpath(directory), name)
  try {
    return await sftp.realpath(path)
  } catch (error) {
    // Some servers know no real path of what is not there yet.
    if (!(error instanceof SftpError) || error.code !== 'no_such_file') throw error
    return joinPath(await sftp.realpath(directory), name)
  }
}

/** Outermost first. */
async function missingDirectories({ sftp }: FileWork, path: Buffer): Promise<Buffer[]> {
  const missing: Buffer[] = []
  for (
    let { directory } = splitPath(path);
    missing.length <= DEEPEST;
    directory = splitPath(directory).directory
  ) {
    if ((await ifThere(sftp.stat(directory))) !== undefined) return missing
    missing.unshift(directory)
    if (splitPath(directory).directory.equals(directory)) return missing
  }
  throw new Refusal('file_failed', `More than ${DEEPEST} directories would have to be made.`)
}

/** Another caller may make it at the same time. */
async function makeDirectory({ sftp }: FileWork, directory: Buffer): Promise<void> {
  try {
    await sftp.mkdir(directory)
  } catch (error) {
    if (!(error instanceof SftpError)) throw error
    const there = await ifThere(sftp.stat(directory)).catch(() => undefined)
    if (there === undefined || fileType(there) !== 'directory') throw error
  }
}

function isDots(name: Buffer): boolean {
  const text = name.toString('latin1')
  return text === '.' || text === '..' || text === ''
}
