import { createHash, type Hash } from 'node:crypto'
import type { ChangeId } from '../../domain/change.ts'
import type { Clock } from '../../lib/clock.ts'
import { readAhead, sizeOf } from '../sftp/read-ahead.ts'
import { type FileAttributes, fileType, SftpError, type SftpHandle } from '../sftp/sftp.ts'
import { WriteBehind } from '../sftp/write-behind.ts'
import { toldOf } from './change-keeper.ts'
import { removeQuietly } from './leftovers.ts'
import { shownPath } from './names.ts'
import { mustStillBe } from './reach.ts'
import { ifThere, Refusal } from './refusal.ts'
import { type KeepPlace, openPart, type Part, putPart, type TransferSide } from './transfer-part.ts'

/** One file's way from one host to another. */
export interface CopyOrder {
  readonly from: TransferSide
  readonly fromPath: Buffer
  /** As it was looked at before it was opened. */
  readonly attributes: FileAttributes
  readonly to: TransferSide
  readonly toPath: Buffer
  readonly overwrite: boolean
  readonly resume: boolean
  readonly windowBytes?: number
}

export interface Copied {
  readonly bytes: number
  readonly resumedBytes: number
  /** Of the whole file, lower-case hex. */
  readonly sha256: string
  readonly changeId?: ChangeId
  readonly note?: string
}

export interface CopyDeps {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of bytes that arrived, those of an earlier transfer too. */
  readonly onBytes: (bytes: number) => void
  /** Absent for a file among many. */
  readonly keep?: KeepPlace
}

/**
 * Copies one regular file by way of a part beside its place: whoever looks there sees the old file or the whole new one. At most two
 * windows of it are in memory. A part is left for `resume` when the time was up or a connection was lost, and removed after anything
 * else. Throws `Refusal`, `SftpError`, or the signal's reason.
 */
export async function copyFile(order: CopyOrder, deps: CopyDeps): Promise<Copied> {
  const { from, fromPath, attributes, to, toPath, overwrite, resume } = order
  const handle = await from.sftp.open(fromPath, ['read'])
  try {
    const [before] = await Promise.all([
      from.sftp.fstat(handle),
      mustStillBe(from, fromPath, shownPath(fromPath)),
    ])
    if (!isSame(before, attributes)) throw changed(order)
    const size = before.size ?? 0
    if (!overwrite || resume) {
      const there = await ifThere(to.sftp.lstat(toPath))
      if (there !== undefined && resume && fileType(there) === 'file' && there.size === size) {
        const sha256 = await sameContent(order, handle, size, deps)
        if (sha256 !== undefined) return { bytes: size, resumedBytes: size, sha256 }
      }
      if (there !== undefined && !overwrite)
        throw new Refusal(
          'file_exists',
          `${shownPath(toPath)} is on ${to.host} already. overwrite: true replaces it. Nothing was changed.`,
        )
    }
    const origin = JSON.stringify([from.host, fromPath.toString('latin1'), size, before.modifiedAtS])
    const part = await openPart(to, toPath, origin, { resume, mostBytes: size })
    try {
      const { hash, offset } = await goOnFrom(part, order, handle, deps)
      const bytes = await copyFrom(offset, size, hash, { part, handle, order, deps })
      const after = await from.sftp.fstat(handle)
      if ((after.size ?? 0) < size || (after.size === size && after.modifiedAtS !== before.modifiedAtS))
        throw changed(order)
      const sha256 = hash.digest('hex')
      const placing = { mode: (before.mode ?? 0o644) & 0o777, overwrite }
      const whole = deps.keep && { bytes, sha256, keep: deps.keep }
      const kept = await putPart(to, part, toPath, { ...placing, ...(whole && { whole }) })
      return { bytes, resumedBytes: offset, sha256, ...toldOf(kept) }
    } catch (error) {
      await leavePart(to, part, error, deps.signal)
      throw error
    } finally {
      part.free()
    }
  } finally {
    if (from.sftp.isAlive) await from.sftp.close(handle).catch(onlySftp)
  }
}

interface Copying {
  readonly part: Part
  readonly handle: SftpHandle
  readonly order: CopyOrder
  readonly deps: CopyDeps
}

async function copyFrom(offset: number, size: number, hash: Hash, { part, handle, order, deps }: Copying) {
  const { clock, signal, onBytes } = deps
  const window = order.windowBytes === undefined ? {} : { windowBytes: order.windowBytes }
  const writer = new WriteBehind(order.to.sftp, part.handle, { offset, clock, ...window })
  let position = offset
  try {
    // Files of /proc say that they are empty and are not: they are read to their end.
    const options = { offset, ...(size > 0 && { endOffset: size }), clock, signal, ...window }
    for await (const pieces of readAhead(order.from.sftp, handle, options)) {
      for (const piece of pieces) hash.update(piece)
      await writer.push(pieces)
      const bytes = sizeOf(pieces)
      position += bytes
      onBytes(bytes)
    }
    await writer.finish()
  } finally {
    await writer.settle()
  }
  if (position < size) throw changed(order)
  return position
}

/** What is there of an earlier transfer counts only when both sides hold the same bytes; otherwise it begins at 0. */
async function goOnFrom(part: Part, order: CopyOrder, handle: SftpHandle, deps: CopyDeps) {
  if (part.bytes > 0) {
    const here = await digestOf(order.from, handle, part.bytes, deps)
    const there = await digestOf(order.to, part.handle, part.bytes, deps)
    if (here.copy().digest('hex') === there.digest('hex')) {
      deps.onBytes(part.bytes)
      return { hash: here, offset: part.bytes }
    }
    await order.to.sftp.fsetstat(part.handle, { size: 0 })
  }
  return { hash: createHash('sha256'), offset: 0 }
}

async function sameContent(
  order: CopyOrder,
  handle: SftpHandle,
  size: number,
  deps: CopyDeps,
): Promise<string | undefined> {
  const { sftp } = order.to
  const other = await sftp.open(order.toPath, ['read'])
  try {
    const here = (await digestOf(order.from, handle, size, deps)).digest('hex')
    const there = (await digestOf(order.to, other, size, deps)).digest('hex')
    if (here !== there) return undefined
    deps.onBytes(size)
    return here
  } finally {
    if (sftp.isAlive) await sftp.close(other).catch(onlySftp)
  }
}

async function digestOf(
  { sftp }: TransferSide,
  handle: SftpHandle,
  bytes: number,
  { clock, signal }: CopyDeps,
): Promise<Hash> {
  const hash = createHash('sha256')
  for await (const pieces of readAhead(sftp, handle, { offset: 0, endOffset: bytes, clock, signal }))
    for (const piece of pieces) hash.update(piece)
  return hash
}

/** A connection that was lost or a time that was up may be gone on with later; after anything else a part is only in the way. */
async function leavePart(
  { sftp }: TransferSide,
  part: Part,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (!sftp.isAlive) return
  await sftp.close(part.handle).catch(onlySftp)
  const isLost =
    error instanceof SftpError && (error.code === 'connection_lost' || error.code === 'timed_out')
  if (!isLost && !signal.aborted) await removeQuietly(sftp, part.path)
}

/** Type, owner, size and time: a name that leads to another file since it was looked at does not match in all of them. */
function isSame(opened: FileAttributes, seen: FileAttributes): boolean {
  return (
    fileType(opened) === 'file' &&
    opened.uid === seen.uid &&
    opened.gid === seen.gid &&
    (opened.size ?? 0) >= (seen.size ?? 0) &&
    (opened.modifiedAtS ?? 0) >= (seen.modifiedAtS ?? 0)
  )
}

function changed({ from, fromPath }: CopyOrder): Refusal {
  return new Refusal(
    'file_changed',
    `${shownPath(fromPath)} on ${from.host} changed while it was transferred. What was at the other end is unchanged; try again.`,
  )
}

function onlySftp(error: unknown): void {
  if (!(error instanceof SftpError)) throw error
}
