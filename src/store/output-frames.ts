import type { FileHandle } from 'node:fs/promises'
import type { OutputStream } from '../domain/command.ts'

/** Seven bytes of seven bits: lengths up to 2^48 bytes. */
const HEADER_BYTES = 7

/**
 * The header of a frame: its length and its stream in one number, `length * 2 + (stderr ? 1 : 0)`, seven bits a byte, low bits first,
 * the high bit set on all but the last. One byte of output costs two on disk at worst. No header begins with a zero byte: what a power loss left as
 * zeros is no frame.
 */
export function frameHeader(stream: OutputStream, length: number): Buffer {
  const bytes: number[] = []
  let rest = length * 2 + (stream === 'stderr' ? 1 : 0)
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** Walks over frames, from a header to the next. Reads a block at a time; what of a payload lies outside of the block is not read. */
export class FrameWalk {
  /** Where the next header begins. May be set: to where a header is known to begin. */
  position: number
  /** Of the frame that `step` found. */
  stream: OutputStream = 'stdout'
  length = 0
  payloadAt = 0
  readonly #handle: Pick<FileHandle, 'read'>
  readonly #end: number
  readonly #blockBytes: number
  #memory: Buffer = Buffer.alloc(0)
  #block: Buffer = this.#memory
  #blockAt = -1

  constructor(handle: Pick<FileHandle, 'read'>, position: number, end: number, blockBytes: number) {
    this.#handle = handle
    this.position = position
    this.#end = end
    this.#blockBytes = blockBytes
  }

  /** True: went over a frame. False: there is none in what has been read so far. */
  step(): boolean {
    let value = 0
    let scale = 1
    const start = this.position - this.#blockAt
    if (this.#blockAt < 0 || start < 0) return false
    for (let at = start; at < this.#block.length && at < start + HEADER_BYTES; at += 1) {
      const byte = this.#block[at] ?? 0
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) return this.#enter(value, this.#blockAt + at + 1)
    }
    return false
  }

  /** Reads the block that begins at `position`. False when there is no whole frame there: the end, or torn. */
  async load(): Promise<boolean> {
    if (this.#blockAt === this.position || this.position >= this.#end) return false
    const size = Math.min(this.#blockBytes, this.#end - this.position)
    if (this.#memory.length < size) this.#memory = Buffer.alloc(size)
    const filled = await readFully(this.#handle, this.#memory.subarray(0, size), this.position)
    this.#block = this.#memory.subarray(0, filled)
    this.#blockAt = this.position
    return true
  }

  /** Copies bytes of a payload: out of the block where they are in it, else from the file. */
  copy(from: number, target: Buffer): Promise<void> | undefined {
    const start = from - this.#blockAt
    const inBlock = Math.max(0, Math.min(this.#block.length - start, target.length))
    if (inBlock > 0) this.#block.copy(target, 0, start, start + inBlock)
    if (inBlock === target.length) return undefined
    return this.#copyFromFile(from + inBlock, target.subarray(inBlock))
  }

  async #copyFromFile(from: number, target: Buffer): Promise<void> {
    const filled = await readFully(this.#handle, target, from)
    if (filled < target.length) throw new Error('the output file is shorter than it was')
  }

  #enter(value: number, payloadAt: number): boolean {
    const length = Math.floor(value / 2)
    if (length === 0 || payloadAt + length > this.#end) return false
    this.stream = value % 2 === 1 ? 'stderr' : 'stdout'
    this.length = length
    this.payloadAt = payloadAt
    this.position = payloadAt + length
    return true
  }
}

/** A read may give fewer bytes than there are. */
async function readFully(
  handle: Pick<FileHandle, 'read'>,
  target: Buffer,
  position: number,
): Promise<number> {
  let filled = 0
  while (filled < target.length) {
    const { bytesRead } = await handle.read(target, filled, target.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
