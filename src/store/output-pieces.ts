import type { OutputStream } from '../domain/command.ts'

/** What a read of few bytes reads at most beside them. */
export const PIECE_BYTES = 256 * 1024

/** Output as a row holds it: the bytes of both streams as they came. */
export interface OutputPiece {
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** How many bytes of each stream follow each other, standard output first; '' where there are bytes of one stream alone. */
  readonly frames: string
  readonly bytes: Buffer
}

export interface PlacedPiece extends Omit<OutputPiece, 'stderrBytes'> {
  /** How many bytes of the stream, or of both, lie before it. */
  readonly begin: number
}

type Chunks = readonly { readonly stream: OutputStream; readonly chunk: Buffer }[]

/** The chunks, in their order, as pieces of `PIECE_BYTES` at most. They are copied. */
export function piecesOf(chunks: Chunks): OutputPiece[] {
  const pieces: OutputPiece[] = []
  let open: { stream: OutputStream; chunk: Buffer }[] = []
  let room = PIECE_BYTES
  const close = () => {
    if (open.length > 0) pieces.push(pieceOf(open))
    open = []
    room = PIECE_BYTES
  }
  for (const { stream, chunk } of chunks)
    for (let rest = chunk; rest.length > 0; ) {
      const taken = rest.subarray(0, room)
      open.push({ stream, chunk: taken })
      rest = rest.subarray(taken.length)
      room -= taken.length
      if (room === 0) close()
    }
  close()
  return pieces
}

/** The bytes of the stream from `offset` on that lie in the piece, at most `length`. */
export function bytesIn(
  piece: PlacedPiece,
  stream: OutputStream | 'output',
  offset: number,
  length: number,
): Buffer {
  const from = Math.max(0, offset - piece.begin)
  const to = Math.max(from, offset + length - piece.begin)
  return (stream === 'output' ? piece.bytes : ofStream(piece, stream)).subarray(from, to)
}

function ofStream({ frames, bytes, stdoutBytes }: PlacedPiece, stream: OutputStream): Buffer {
  if (frames === '') return stdoutBytes > 0 === (stream === 'stdout') ? bytes : Buffer.alloc(0)
  const parts: Buffer[] = []
  let at = 0
  for (const [index, length] of frames.split(',').map(Number).entries()) {
    if ((index % 2 === 0) === (stream === 'stdout')) parts.push(bytes.subarray(at, at + length))
    at += length
  }
  return Buffer.concat(parts)
}

function pieceOf(chunks: Chunks): OutputPiece {
  const lengths: number[] = []
  const bytes = { stdout: 0, stderr: 0 }
  for (const { stream, chunk } of chunks) {
    const isNext = (lengths.length % 2 === 0) === (stream === 'stdout')
    if (isNext) lengths.push(chunk.length)
    else if (lengths.length === 0) lengths.push(0, chunk.length)
    else lengths.push((lengths.pop() ?? 0) + chunk.length)
    bytes[stream] += chunk.length
  }
  return {
    stdoutBytes: bytes.stdout,
    stderrBytes: bytes.stderr,
    frames: bytes.stdout > 0 && bytes.stderr > 0 ? lengths.join(',') : '',
    bytes: Buffer.concat(chunks.map(({ chunk }) => chunk)),
  }
}
