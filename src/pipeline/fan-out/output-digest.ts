import { createHash } from 'node:crypto'
import type { OutputStream } from '../../domain/command.ts'

/** The output of one command, as far as it is kept. */
export interface ReadableOutput {
  total(stream: OutputStream): number
  kept(stream: OutputStream): number
  read(stream: OutputStream, offset: number, length: number): Promise<Buffer>
}

const PIECE_BYTES = 256 * 1024

/**
 * Of all that the command has printed, each stream by itself: how the two were interleaved is chance. Undefined when not all of it was
 * kept: nobody can say then what it is equal to. Read in pieces, so that an output of any length takes little memory.
 */
export async function outputDigest(output: ReadableOutput | undefined): Promise<string | undefined> {
  if (output === undefined) return undefined
  const hash = createHash('sha256')
  for (const stream of ['stdout', 'stderr'] as const) {
    const total = output.total(stream)
    if (output.kept(stream) < total) return undefined
    hash.update(`${total}\n`)
    for (let offset = 0; offset < total; ) {
      const piece = await output.read(stream, offset, PIECE_BYTES)
      if (piece.length === 0) return undefined
      hash.update(piece)
      offset += piece.length
    }
  }
  return hash.digest('base64')
}
