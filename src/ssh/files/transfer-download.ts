import { createHash } from 'node:crypto'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Download } from '../../domain/transfer.ts'
import { readAhead, sizeOf } from '../sftp/read-ahead.ts'
import { type FileAttributes, fileType, SftpError, type SftpHandle } from '../sftp/sftp.ts'
import { youngGarbage } from '../transport/young-garbage.ts'
import { shownName, shownPath, splitPath } from './names.ts'
import { mustStillBe } from './reach.ts'
import { Refusal } from './refusal.ts'
import {
  asBridgeError,
  type HostEnd,
  openEnd,
  sourceOf,
  type TransferDeps,
  transferRefusal,
} from './transfer-ends.ts'
import type { TransferSide } from './transfer-part.ts'

/** One answer's window: many links may be fetched at once. With more, what waits outlives the collection of young garbage. */
const WINDOW_BYTES = 1024 * 1024

/** Opens the file of a link. Aborting `signal` ends what is being read. */
export async function openDownload(
  owner: string,
  end: HostEnd,
  deps: TransferDeps,
  signal: AbortSignal,
): Promise<Download | NotStarted> {
  const side = await openEnd(owner, 'from', end, deps, signal)
  if ('kind' in side) return side
  try {
    const { attributes } = await mustBeFile(side, end, deps)
    const { path } = await sourceOf(side, end)
    const handle = await side.sftp.open(path, ['read'])
    const [opened] = await Promise.all([side.sftp.fstat(handle), mustStillBe(side, path, end.path)])
    if (fileType(opened) !== 'file' || opened.size !== attributes.size || opened.uid !== attributes.uid)
      throw new Refusal('file_changed', `${shownPath(end.path)} on ${end.host} changed just now. Try again.`)
    const { name } = shownName(splitPath(path).name)
    return new HostFile(side, handle, opened, name, deps, signal)
  } catch (error) {
    side.sftp.release()
    const maySudo = deps.find(end.host)?.host.allowsSudo === true
    return transferRefusal(error, side, { path: end.path, verb: 'read', maySudo })
  }
}

/** Asked before a link is made, too: one that leads to nothing helps nobody. */
export async function mustBeFile(side: TransferSide, end: HostEnd, { settings }: TransferDeps) {
  const source = await sourceOf(side, end)
  if (source.type !== 'file')
    throw new Refusal(
      'file_failed',
      `${shownPath(end.path)} on ${end.host} is a directory. A link is for one file.`,
    )
  const most = settings().transferBytes
  if ((source.attributes.size ?? 0) > most)
    throw new Refusal('payload_too_large', `The file is longer than files.transfer_bytes (${most} bytes).`)
  return source
}

class HostFile implements Download {
  readonly name: string
  readonly bytes: number
  readonly version: string
  readonly #side: TransferSide
  readonly #handle: SftpHandle
  readonly #opened: FileAttributes
  readonly #deps: TransferDeps
  readonly #signal: AbortSignal

  constructor(
    side: TransferSide,
    handle: SftpHandle,
    opened: FileAttributes,
    name: string,
    deps: TransferDeps,
    signal: AbortSignal,
  ) {
    this.#side = side
    this.#handle = handle
    this.#opened = opened
    this.#deps = deps
    this.#signal = signal
    this.name = name
    this.bytes = opened.size ?? 0
    this.version = `${this.bytes.toString(36)}-${(opened.modifiedAtS ?? 0).toString(36)}`
  }

  async *read(offset: number, end: number): AsyncIterable<readonly Buffer[]> {
    const { clock } = this.#deps
    const options = { offset, endOffset: end, windowBytes: WINDOW_BYTES, clock, signal: this.#signal }
    let position = offset
    try {
      for await (const pieces of readAhead(this.#side.sftp, this.#handle, options)) {
        position += sizeOf(pieces)
        youngGarbage.add(sizeOf(pieces))
        // Before the last piece is given: whoever gets all of it may take it for whole.
        if (position === end) await this.#mustBeUnchanged()
        yield pieces
      }
      if (position < end) throw new Refusal('file_changed', 'The file got shorter while it was read.')
    } catch (error) {
      if (this.#signal.aborted) throw error
      const doing = { path: this.name, verb: 'read', maySudo: false }
      throw asBridgeError(transferRefusal(error, this.#side, doing), error)
    }
  }

  async digest(): Promise<string> {
    const hash = createHash('sha256')
    for await (const pieces of this.read(0, this.bytes)) for (const piece of pieces) hash.update(piece)
    return hash.digest('hex')
  }

  async close(): Promise<void> {
    const { sftp } = this.#side
    if (sftp.isAlive)
      await sftp.close(this.#handle).catch((error: unknown) => {
        if (!(error instanceof SftpError)) throw error
      })
    sftp.release()
  }

  async #mustBeUnchanged(): Promise<void> {
    const { size = 0, modifiedAtS } = await this.#side.sftp.fstat(this.#handle)
    const isRewritten = size === this.bytes && modifiedAtS !== this.#opened.modifiedAtS
    if (size < this.bytes || isRewritten)
      throw new Refusal('file_changed', 'The file was changed while it was read.')
  }
}
