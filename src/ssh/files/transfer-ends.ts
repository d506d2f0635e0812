import { BridgeError } from '../../domain/errors.ts'
import type { MayTouch, TransferEnd } from '../../domain/file.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { fileType, type OpenSftp, remotePath, SftpError } from '../sftp/sftp.ts'
import type { ChangeKeeper } from './file-deps.ts'
import { joinPath, shownPath, splitPath } from './names.ts'
import { mustBeAsDecided, pathInReach } from './reach.ts'
import { ifThere, Refusal, refusalOf } from './refusal.ts'
import type { TransferSide } from './transfer-part.ts'

export type HostEnd = Extract<TransferEnd, { readonly kind: 'host' }>

export interface TransferDeps {
  readonly openSftp: OpenSftp
  readonly find: (host: HostName) => HostTarget | undefined
  readonly clock: Clock
  readonly settings: () => { readonly transferBytes: number; readonly maxBytes: number }
  /** What the rules say to the transfer at its end there; undefined where none are configured. */
  readonly mayTouch: (end: 'from' | 'to') => MayTouch | undefined
  /** Of the call. */
  readonly keeper: ChangeKeeper
}

/** A session on the host of an end. */
export async function openEnd(
  owner: string,
  which: 'from' | 'to',
  { host, path, sudo }: HostEnd,
  { openSftp, find, mayTouch }: TransferDeps,
  signal: AbortSignal,
): Promise<TransferSide | NotStarted> {
  if (path.includes('\0')) return new Refusal('bad_request', 'A path must not contain NUL.').toOutcome()
  const target = find(host)
  if (target === undefined)
    return new Refusal('host_unreachable', `${host} is no longer configured. Nothing was done.`).toOutcome()
  const sftp = await openSftp({ owner, host }, target, { sudo }, signal)
  return 'kind' in sftp ? sftp : { host, sftp, sudo, mayTouch: mayTouch(which) }
}

/** What is to be read: a symlink is followed, for the caller named it. */
export async function sourceOf(side: TransferSide, { path }: HostEnd) {
  const { sftp, host } = side
  const decided = await pathInReach(side, remotePath(path), path)
  const attributes = await sftp.stat(decided)
  const type = fileType(attributes)
  if (type !== 'file' && type !== 'directory')
    throw new Refusal(
      'file_failed',
      `${shownPath(path)} on ${host} is a ${type}. Only files and directories are transferred.`,
    )
  const real = await sftp.realpath(decided)
  mustBeAsDecided(side, real, decided, path)
  return { path: real, attributes, type }
}

/**
 * Where it goes: the path itself; or below it, by the name of what is read, when it ends with a slash or is a directory that a file cannot
 * replace. The directory must be there, and its symlinks are followed; so is one in the place itself, which then stays.
 */
export async function placeOf(side: TransferSide, end: HostEnd, name: Buffer | undefined): Promise<Buffer> {
  const { sftp } = side
  const { path } = end
  const asked = remotePath(path)
  const decided = await pathInReach(side, asked, path)
  const there = await ifThere(sftp.stat(decided))
  if (name !== undefined && (asked.endsWith('/') || (there && fileType(there) === 'directory')))
    return placeOf(side, { ...end, path: `${asked}/${name.toString()}` }, undefined)
  const place = there === undefined ? await newPlace(side, end, asked) : await sftp.realpath(decided)
  mustBeAsDecided(side, place, decided, path)
  return place
}

async function newPlace({ sftp, host }: TransferSide, { path }: HostEnd, asked: string): Promise<Buffer> {
  const { directory, name: own } = splitPath(Buffer.from(asked.replace(/\/+$/, '')))
  if (own.equals(Buffer.from('..')) || own.equals(Buffer.from('.')))
    throw new Refusal('file_not_found', `There is no ${shownPath(path)} on ${host}.`)
  const parent = await ifThere(sftp.stat(directory))
  if (parent === undefined || fileType(parent) !== 'directory')
    throw new Refusal('file_not_found', `There is no directory ${shownPath(directory)} on ${host}.`)
  return joinPath(await sftp.realpath(directory), own)
}

/** The same, for those who are in the middle of a stream. */
export function asBridgeError({ code, message, detail }: NotStarted, cause: unknown): BridgeError {
  return new BridgeError(code, message, { cause, ...(detail !== undefined && { detail }) })
}

/** A failure in the caller's words. Which side refused is known from whose session it was, or told by neither. */
export function transferRefusal(
  error: unknown,
  side: TransferSide,
  { path, verb, maySudo }: { readonly path: string; readonly verb: string; readonly maySudo: boolean },
): NotStarted {
  if (error instanceof Refusal) return error.toOutcome()
  if (!(error instanceof SftpError)) throw error
  const { host, sudo } = side
  if (error.code === 'connection_lost' || error.code === 'timed_out' || error.code === 'no_connection') {
    const message = `The connection to ${host} was lost. At the other end is the old file or the whole new one, and perhaps a part of it: resume: true goes on with that.`
    return new Refusal('host_unreachable', message, error.message).toOutcome()
  }
  const perhaps = 'the disk is full, the directory is read-only, or something of another type is there'
  return refusalOf(error, {
    host,
    path: shownPath(path),
    verb,
    perhaps,
    maySudo: maySudo && !sudo,
  }).toOutcome()
}
