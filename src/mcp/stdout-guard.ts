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
  const wire = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, encoding, written) {
      if (typeof chunk !== 'string') return void write(chunk, written)
      let start = 0
      for (let end = endOfPiece(chunk, start); end < chunk.length; end = endOfPiece(chunk, start)) {
        write(chunk.slice(start, end), encoding)
        start = end
      }
      write(chunk.slice(start), encoding, written)
    },
  })
  // A client that closed its end (EPIPE) ends the connection, not the process by an unhandled event.
  const onError = (error: Error) => void wire.destroy(error)
  stdout.on('error', onError)
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write
  return {
    wire,
    release() {
      stdout.off('error', onError)
      if (own === undefined) Reflect.deleteProperty(stdout, 'write')
      else Object.defineProperty(stdout, 'write', own)
    },
  }
}

/** Each piece is encoded by itself, so a message of many MiB is never there a second time as bytes. */
const PIECE_LENGTH = 256 * 1024

/** Not between the halves of a surrogate pair, which would become two replacement characters. */
function endOfPiece(text: string, start: number): number {
  const end = start + PIECE_LENGTH
  const isHalf = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return isHalf ? end + 1 : end
}
