import { createHash, type Hash } from 'node:crypto'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Upload } from '../../domain/transfer.ts'
import { readAhead } from '../sftp/read-ahead.ts'
import { fileType, SftpError } from '../sftp/sftp.ts'
import { WriteBehind } from '../sftp/write-behind.ts'
import { youngGarbage } from '../transport/young-garbage.ts'
import { removeQuietly } from './leftovers.ts'
import { shownPath } from './names.ts'
import { ifThere, Refusal } from './refusal.ts'
import {
  asBridgeError,
  type HostEnd,
  openEnd,
  placeOf,
  type TransferDeps,
  transferRefusal,
} from './transfer-ends.ts'
import { placeKeeper } from './transfer-keeping.ts'
import { type KeepPlace, openPart, type Part, putPart, type TransferSide } from './transfer-part.ts'

const WINDOW_BYTES = 2 * 1024 * 1024
/** Of a file that was not there before. */
const USUAL_MODE = 0o644

export interface UploadOrder {
  readonly owner: string
  readonly end: HostEnd
  readonly overwrite: boolean
  /** What tells this upload from others to the same place: its call. */
  readonly origin: string
}

/** Opens the part of a link's file. Bytes that an earlier use left there are read back for the digest. */
export async function openUpload(
  { owner, end, overwrite, origin }: UploadOrder,
  deps: TransferDeps,
  signal: AbortSignal,
): Promise<Upload | NotStarted> {
  const side = await openEnd(owner, 'to', end, deps, signal)
  if ('kind' in side) return side
  const refused = (error: unknown) =>
    transferRefusal(error, side, {
      path: end.path,
      verb: 'write to',
      maySudo: deps.find(end.host)?.host.allowsSudo === true,
    })
  try {
    const { place, mode } = await uploadPlace(side, end, overwrite)
    const mostBytes = deps.settings().transferBytes
    const part = await openPart(side, place, origin, { resume: true, mostBytes })
    const hash = createHash('sha256')
    const options = { offset: 0, endOffset: part.bytes, clock: deps.clock, signal }
    for await (const pieces of readAhead(side.sftp, part.handle, options))
      for (const piece of pieces) hash.update(piece)
    const keep = placeKeeper(deps.keeper, deps.settings(), signal)
    return new HostPart({ side, part, place, mode, overwrite, mostBytes, hash, keep, deps, refused })
  } catch (error) {
    side.sftp.release()
    return refused(error)
  }
}

/** Asked before a link is made, too. A file that is replaced keeps its mode. */
export async function uploadPlace(side: TransferSide, end: HostEnd, overwrite: boolean) {
  const place = await placeOf(side, end, undefined)
  const there = await ifThere(side.sftp.lstat(place))
  if (there !== undefined && fileType(there) !== 'file')
    throw new Refusal(
      'file_failed',
      `${shownPath(end.path)} on ${end.host} is a ${fileType(there)}. Name the file.`,
    )
  if (there !== undefined && !overwrite)
    throw new Refusal(
      'file_exists',
      `${shownPath(end.path)} is on ${end.host} already. overwrite: true replaces it. Nothing was changed.`,
    )
  return { place, mode: (there?.mode ?? USUAL_MODE) & 0o777 }
}

interface Made {
  readonly side: TransferSide
  readonly part: Part
  readonly place: Buffer
  readonly mode: number
  readonly overwrite: boolean
  readonly mostBytes: number
  readonly hash: Hash
  readonly keep: KeepPlace
  readonly deps: TransferDeps
  readonly refused: (error: unknown) => NotStarted
}

class HostPart implements Upload {
  readonly received: number
  readonly #made: Made
  readonly #writer: WriteBehind
  #bytes: number
  #isOver = false
  #isGivenBack = false

  constructor(made: Made) {
    const { side, part, deps } = made
    this.#made = made
    this.received = part.bytes
    this.#bytes = part.bytes
    this.#writer = new WriteBehind(side.sftp, part.handle, {
      offset: part.bytes,
      windowBytes: WINDOW_BYTES,
      clock: deps.clock,
    })
  }

  async write(pieces: readonly Buffer[]): Promise<void> {
    const { hash, mostBytes, refused } = this.#made
    for (const piece of pieces) {
      this.#bytes += piece.length
      hash.update(piece)
      youngGarbage.add(piece.length)
    }
    try {
      if (this.#bytes > mostBytes)
        throw new Refusal('payload_too_large', `That is more than files.transfer_bytes (${mostBytes} bytes).`)
      await this.#writer.push(pieces)
    } catch (error) {
      throw asBridgeError(refused(error), error)
    }
  }

  async finish(expectedSha256?: string) {
    const { side, part, place, mode, overwrite, hash, keep, refused } = this.#made
    try {
      await this.#writer.finish()
      const sha256 = hash.digest('hex')
      if (expectedSha256 !== undefined && expectedSha256 !== sha256)
        throw new Refusal('file_changed', 'The bytes that came have another digest than the one given.')
      const whole = { bytes: this.#bytes, sha256, keep }
      const { changeId } = (await putPart(side, part, place, { mode, overwrite, whole })) ?? {}
      this.#isOver = true
      return { bytes: this.#bytes, sha256, ...(changeId !== undefined && { changeId }) }
    } catch (error) {
      await this.close('discard')
      return refused(error)
    }
  }

  async close(how?: 'discard'): Promise<void> {
    const { side, part } = this.#made
    if (!this.#isOver) {
      this.#isOver = true
      try {
        await this.#writer.finish()
      } catch (error) {
        if (!(error instanceof SftpError)) throw error
        await this.#writer.settle()
      }
      if (side.sftp.isAlive) {
        await side.sftp.close(part.handle).catch(() => undefined)
        if (how === 'discard') await removeQuietly(side.sftp, part.path)
      }
    }
    if (this.#isGivenBack) return
    this.#isGivenBack = true
    part.free()
    side.sftp.release()
  }
}
