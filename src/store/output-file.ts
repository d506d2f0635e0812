import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { OutputFile, OutputStream } from '../domain/command.ts'
import { FrameWalk, frameHeader } from './output-frames.ts'
import { OutputMarks, offsetIn } from './output-marks.ts'

const READ_BLOCK_BYTES = 64 * 1024
/** Large: to read past a payload of 32 KiB takes less time than to ask for the next header. */
const OPEN_BLOCK_BYTES = 256 * 1024

type Handle = Pick<FileHandle, 'read' | 'writev' | 'truncate' | 'close'>
type Pieces = readonly { readonly stream: OutputStream; readonly chunk: Buffer }[]

interface Frame {
  readonly stream: OutputStream
  readonly headerBytes: number
  length: number
}

/**
 * Output on disk as frames, append only: a header that says stream and length, then the bytes. Nothing is synced: a bridge that is killed
 * loses nothing that an append resolved for, a power loss may tear the end.
 *
 * Owns its handle; `close` waits for the appends before it. An append that fails keeps nothing of its own and harms nothing from before.
 */
export class FramedOutput implements OutputFile {
  readonly #handle: Handle
  readonly #marks = new OutputMarks()
  readonly #bytes = { stdout: 0, stderr: 0 }
  /** Where the next frame goes. What lies behind it is not part of the output. */
  #end = 0
  #tail: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  private constructor(handle: Handle) {
    this.#handle = handle
  }

  /** Opens the file, or makes it; cuts off what a crash tore. */
  static async open(path: string): Promise<FramedOutput> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      return await FramedOutput.from(handle, (await handle.stat()).size)
    } catch (cause) {
      await handle.close()
      throw cause
    }
  }

  static async from(handle: Handle, size: number): Promise<FramedOutput> {
    const output = new FramedOutput(handle)
    const walk = new FrameWalk(handle, 0, size, OPEN_BLOCK_BYTES)
    do {
      while (walk.step()) output.#take(walk.stream, walk.length, walk.position)
    } while (await walk.load())
    if (output.#end < size) await handle.truncate(output.#end)
    return output
  }

  get bytes(): Readonly<Record<OutputStream, number>> {
    return { ...this.#bytes }
  }

  /** The memory that finding places takes. */
  get indexBytes(): number {
    return this.#marks.bytes
  }

  /** In one system call, without a copy: the chunks must stay as they are until it has settled. Calls are carried out in order. */
  append(pieces: Pieces): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the output file is closed'))
    const { frames, buffers } = framesOf(pieces)
    if (frames.length === 0) return Promise.resolve()
    const written = this.#tail.then(() => this.#write(frames, buffers))
    this.#tail = written.catch(() => undefined)
    return written
  }

  async read(stream: OutputStream | 'output', offset: number, length: number): Promise<Buffer> {
    const isPlace = Number.isSafeInteger(offset) && offset >= 0 && length >= 0
    if (!isPlace) throw new RangeError(`not a place in the output: ${offset}, ${length} bytes`)
    const wanted = Math.max(0, Math.min(length, offsetIn(stream, this.#bytes) - offset))
    const bytes = Buffer.alloc(wanted)
    if (wanted > 0) await this.#fill(bytes, stream, offset)
    return bytes
  }

  close(): Promise<void> {
    this.#closed ??= this.#tail.then(() => this.#handle.close())
    return this.#closed
  }

  async #fill(bytes: Buffer, stream: OutputStream | 'output', offset: number): Promise<void> {
    const first = this.#marks.before(stream, offset)
    const walk = new FrameWalk(this.#handle, first.position, this.#end, READ_BLOCK_BYTES)
    let walked = offsetIn(stream, first)
    let filled = 0
    while (filled < bytes.length) {
      if (!walk.step()) {
        // Much of the other stream may lie before the next bytes of this one.
        const mark = this.#marks.before(stream, offset + filled)
        if (mark.position > walk.position) {
          walk.position = mark.position
          walked = offsetIn(stream, mark)
        }
        if (!(await walk.load())) throw new Error('the output file is shorter than it was')
      } else if (stream === 'output' || stream === walk.stream) {
        const skipped = Math.max(0, offset + filled - walked)
        const taken = Math.min(walk.length - skipped, bytes.length - filled)
        if (taken > 0) {
          await walk.copy(walk.payloadAt + skipped, bytes.subarray(filled, filled + taken))
          filled += taken
        }
        walked += walk.length
      }
    }
  }

  async #write(frames: readonly Frame[], buffers: readonly Buffer[]): Promise<void> {
    try {
      await this.#writeFully(buffers)
    } catch (cause) {
      // What was written of it is not part of the output; cut, so that it is none at the next opening either.
      await this.#handle.truncate(this.#end).catch(() => undefined)
      throw new Error(`output cannot be kept: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
    for (const { stream, headerBytes, length } of frames) {
      this.#take(stream, length, this.#end + headerBytes + length)
    }
  }

  async #writeFully(buffers: readonly Buffer[]): Promise<void> {
    let position = this.#end
    let rest = [...buffers]
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, position)
      position += bytesWritten
      rest = withoutFirst(rest, bytesWritten)
    }
  }

  #take(stream: OutputStream, length: number, end: number): void {
    this.#marks.add(this.#end, this.#bytes.stdout, this.#bytes.stderr)
    this.#bytes[stream] += length
    this.#end = end
  }
}

/** Pieces of the same stream that follow each other are one frame. */
function framesOf(pieces: Pieces): { frames: Frame[]; buffers: Buffer[] } {
  const lengths: { stream: OutputStream; chunks: Buffer[]; length: number }[] = []
  for (const { stream, chunk } of pieces) {
    if (chunk.length === 0) continue
    const last = lengths.at(-1)
    if (last?.stream === stream) {
      last.chunks.push(chunk)
      last.length += chunk.length
    } else lengths.push({ stream, chunks: [chunk], length: chunk.length })
  }
  const frames: Frame[] = []
  const buffers: Buffer[] = []
  for (const { stream, chunks, length } of lengths) {
    const header = frameHeader(stream, length)
    frames.push({ stream, headerBytes: header.length, length })
    buffers.push(header, ...chunks)
  }
  return { frames, buffers }
}

function withoutFirst(buffers: readonly Buffer[], count: number): Buffer[] {
  let left = count
  return buffers.flatMap((buffer) => {
    const cut = Math.min(left, buffer.length)
    left -= cut
    return cut === buffer.length ? [] : [buffer.subarray(cut)]
  })
}
