import type { SftpHandle, SftpSession } from '../sftp/sftp.ts'

/** What one request brings where the server allows so much. */
const BLOCK_BYTES = 256 * 1024
/** What is remembered: a page is found, then read, without asking twice. */
const REMEMBERED_BYTES = 2 * 1024 * 1024
/** Blocks on their way ahead of the one that is looked at, once it is clear that the file is read through. */
const AHEAD = 4

/** An open file by its offsets. What was read once stays as it was then, for a while. */
export class BlockReader {
  readonly #sftp: Pick<SftpSession, 'read' | 'limits'>
  readonly #handle: SftpHandle
  readonly #blockBytes: number
  readonly #blocks = new Map<number, Promise<Buffer>>()
  #endsAt: number | undefined

  constructor(sftp: Pick<SftpSession, 'read' | 'limits'>, handle: SftpHandle) {
    this.#sftp = sftp
    this.#handle = handle
    this.#blockBytes = Math.min(BLOCK_BYTES, sftp.limits.readBytes)
  }

  /** Where the file ended, when its end was met. */
  get endsAt(): number | undefined {
    return this.#endsAt
  }

  /** Fewer bytes than `length` only at the end of the file. */
  async read(offset: number, length: number): Promise<Buffer> {
    const size = this.#blockBytes
    const first = Math.floor(offset / size)
    const last = Math.floor((offset + Math.max(1, length) - 1) / size)
    const blocks: Promise<Buffer>[] = []
    for (let index = first; index <= last; index += 1) blocks.push(this.#block(index))
    const parts: Buffer[] = []
    for (const [at, block] of (await Promise.all(blocks)).entries()) {
      const start = (first + at) * size
      parts.push(block.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start)))
      if (block.length < size) break
    }
    return joined(parts)
  }

  /** The bytes from `offset` on, block by block, up to the end of the file. */
  async *forward(offset: number): AsyncGenerator<Buffer> {
    const size = this.#blockBytes
    const first = Math.floor(offset / size)
    for (let index = first; ; index += 1) {
      const block = await this.#block(index)
      const isLast = block.length < size
      // On their way while this one is looked at. A failure is met when it is their turn.
      const ahead = index === first ? 1 : AHEAD
      for (let next = 1; next <= ahead && !isLast; next += 1) this.#block(index + next).catch(() => undefined)
      const bytes = block.subarray(Math.max(0, offset - index * size))
      if (bytes.length > 0) yield bytes
      if (isLast) return
    }
  }

  /** The bytes before `offset`, last block first. */
  async *backward(offset: number): AsyncGenerator<{ readonly at: number; readonly bytes: Buffer }> {
    for (let end = offset; end > 0; ) {
      const at = Math.floor((end - 1) / this.#blockBytes) * this.#blockBytes
      yield { at, bytes: await this.read(at, end - at) }
      end = at
    }
  }

  #block(index: number): Promise<Buffer> {
    const known = this.#blocks.get(index)
    if (known !== undefined) return known
    const read = this.#readWhole(index * this.#blockBytes)
    this.#blocks.set(index, read)
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size * this.#blockBytes <= REMEMBERED_BYTES) break
      this.#blocks.delete(oldest)
    }
    return read
  }

  /** Files of /proc give a page at a time and no size, so only an answer without bytes is the end. */
  async #readWhole(offset: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let bytes = 0
    while (bytes < this.#blockBytes) {
      const part = await this.#sftp.read(this.#handle, offset + bytes, this.#blockBytes - bytes)
      if (part === undefined || part.length === 0) {
        // Behind the end there is nothing either: that alone does not tell where it was.
        if (bytes > 0 || offset === 0) this.#endsAt = offset + bytes
        break
      }
      parts.push(part)
      bytes += part.length
    }
    return joined(parts)
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
}
