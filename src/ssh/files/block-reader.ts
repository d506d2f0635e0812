import type { SftpHandle, SftpSession } from '../sftp/sftp.ts'

const BLOCK_BYTES = 256 * 1024
/** Blocks that are remembered: a page is found, then read, without asking twice. */
const MOST_BLOCKS = 6

/** An open file by its offsets. What was read once stays as it was then, for a while. */
export class BlockReader {
  readonly #sftp: SftpSession
  readonly #handle: SftpHandle
  readonly #blocks = new Map<number, Promise<Buffer>>()
  /** Where the last byte was followed by nothing. */
  #endsAt: number | undefined

  constructor(sftp: SftpSession, handle: SftpHandle) {
    this.#sftp = sftp
    this.#handle = handle
  }

  /** Where the file ended, when its end was met. */
  get endsAt(): number | undefined {
    return this.#endsAt
  }

  /** Fewer bytes than `length` only at the end of the file. */
  async read(offset: number, length: number): Promise<Buffer> {
    const first = Math.floor(offset / BLOCK_BYTES)
    const last = Math.floor((offset + Math.max(1, length) - 1) / BLOCK_BYTES)
    const parts: Buffer[] = []
    for (let index = first; index <= last; index += 1) {
      const block = await this.#block(index)
      const from = Math.max(0, offset - index * BLOCK_BYTES)
      parts.push(block.subarray(from, offset + length - index * BLOCK_BYTES))
      if (block.length < BLOCK_BYTES) break
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** The bytes from `offset` on, block by block, up to the end of the file. */
  async *forward(offset: number): AsyncGenerator<Buffer> {
    for (let index = Math.floor(offset / BLOCK_BYTES); ; index += 1) {
      const block = await this.#block(index)
      const isLast = block.length < BLOCK_BYTES
      // The next one is on its way while this one is looked at; a failure is met when it is its turn.
      if (!isLast) this.#block(index + 1).catch(() => undefined)
      const bytes = block.subarray(Math.max(0, offset - index * BLOCK_BYTES))
      if (bytes.length > 0) yield bytes
      if (isLast) return
    }
  }

  /** The bytes before `offset`, last block first. */
  async *backward(offset: number): AsyncGenerator<{ readonly at: number; readonly bytes: Buffer }> {
    for (let end = offset; end > 0; ) {
      const at = Math.floor((end - 1) / BLOCK_BYTES) * BLOCK_BYTES
      yield { at, bytes: await this.read(at, end - at) }
      end = at
    }
  }

  #block(index: number): Promise<Buffer> {
    const known = this.#blocks.get(index)
    if (known !== undefined) return known
    const read = this.#readWhole(index * BLOCK_BYTES)
    this.#blocks.set(index, read)
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= MOST_BLOCKS) break
      this.#blocks.delete(oldest)
    }
    return read
  }

  /** Files of /proc give a page at a time and no size, so only an answer without bytes is the end. */
  async #readWhole(offset: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let bytes = 0
    while (bytes < BLOCK_BYTES) {
      const part = await this.#sftp.read(this.#handle, offset + bytes, BLOCK_BYTES - bytes)
      if (part === undefined || part.length === 0) {
        // Behind the end there is nothing either: that alone does not tell where it was.
        if (bytes > 0 || offset === 0) this.#endsAt = offset + bytes
        break
      }
      parts.push(part)
      bytes += part.length
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }
}
