import { MalformedPacket } from './sftp-wire.ts'

/** What OpenSSH takes and sends at most (SFTP_MAX_MSG_LENGTH), and the header of a packet of data of that size. */
export const LARGEST_PACKET_BYTES = 256 * 1024 + 1024
/** A packet that comes in more pieces than this is put together as it comes, so that tiny pieces do not cost memory each. */
const MOST_PIECES = 64

/** Cuts a stream of bytes into packets without copying: a packet is handed on as the pieces in which it came. */
export class FrameSplitter {
  readonly #onFrame: (pieces: Buffer[]) => void
  #pieces: Buffer[] = []
  /** Bytes that the packet, or the four bytes of its length, still lacks. */
  #missing = 4
  #isInBody = false

  constructor(onFrame: (pieces: Buffer[]) => void) {
    this.#onFrame = onFrame
  }

  /** @throws MalformedPacket for a length that no packet has. */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      const piece = rest.subarray(0, this.#missing)
      rest = rest.subarray(piece.length)
      this.#missing -= piece.length
      this.#pieces.push(piece)
      if (this.#missing > 0) {
        if (this.#pieces.length > MOST_PIECES) this.#pieces = [Buffer.concat(this.#pieces)]
        return
      }
      const pieces = this.#pieces
      this.#pieces = []
      if (this.#isInBody) {
        this.#isInBody = false
        this.#missing = 4
        this.#onFrame(pieces)
      } else {
        this.#missing = lengthOf(pieces)
        this.#isInBody = true
      }
    }
  }
}

function lengthOf(pieces: readonly Buffer[]): number {
  const field = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
  const length = field.readUInt32BE(0)
  if (length >= 1 && length <= LARGEST_PACKET_BYTES) return length
  // A start-up file that prints something is the usual cause, and then the length is four letters.
  const isText = field.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))
  throw new MalformedPacket(
    isText
      ? 'it printed text instead (a start-up file of the login shell must be silent)'
      : `a packet of ${length} bytes`,
  )
}
