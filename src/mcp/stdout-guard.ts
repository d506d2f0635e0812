import { Writable } from 'node:stream'

/** The part of `process` that is guarded. */
export interface StandardStreams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

export interface GuardedStdout {
  /** The only way left to standard output. */
  readonly wire: Writable
  release(): void
}

/**
 * Keeps standard output for JSON-RPC: whatever else writes there, a library's `console.log` included, goes to standard error. Does not
 * catch writes to file descriptor 1 itself.
 */
export function guardStdout({ stdout, stderr }: StandardStreams): GuardedStdout {
  const own = Object.getOwnPropertyDescriptor(stdout, 'write')
  const write = stdout.write.bind(stdout)
  const inPieces = (text: string, written?: (error?: Error | null) => void) => {
    let start = 0
    for (let end = endOfPiece(text, start); end < text.length; end = endOfPiece(text, start)) {
      write(text.slice(start, end))
      start = end
    }
    write(text.slice(start), written)
  }
  const wire = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, written) {
      if (typeof chunk === 'string') inPieces(chunk, written)
      else write(chunk, written)
    },
    writev(messages: readonly { readonly chunk: string | Buffer }[], written) {
      let text = ''
      for (const { chunk } of messages) {
        if (text !== '' && text.length + chunk.length > PIECE_LENGTH) {
          inPieces(text)
          text = ''
        }
        text += chunk
      }
      inPieces(text, written)
    },
  })
  // A client that closed its end (EPIPE) ends the connection, not the process by an unhandled event.
  const onError = (error: Error) => void wire.destroy(error)
  stdout.on('error', onError)
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write
  return {
    wire: togetherInATurn(wire),
    release() {
      stdout.off('error', onError)
      if (own === undefined) Reflect.deleteProperty(stdout, 'write')
      else Object.defineProperty(stdout, 'write', own)
    },
  }
}

/** What is written in one turn goes out together: calls that share a write of the audit are answered at the same moment. */
function togetherInATurn(wire: Writable): Writable {
  const write = wire.write
  let isHeld = false
  wire.write = function (this: Writable, ...args: Parameters<Writable['write']>) {
    if (!isHeld) {
      isHeld = true
      wire.cork()
      process.nextTick(() => {
        isHeld = false
        wire.uncork()
      })
    }
    return write.apply(this, args)
  } as Writable['write']
  return wire
}

/** Each piece is encoded by itself, so a message of many MiB is never there a second time as bytes. */
const PIECE_LENGTH = 256 * 1024

/** Not between the halves of a surrogate pair, which would become two replacement characters. */
function endOfPiece(text: string, start: number): number {
  const end = start + PIECE_LENGTH
  const isHalf = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return isHalf ? end + 1 : end
}
