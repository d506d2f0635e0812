import type { FileHandle } from 'node:fs/promises'
import { SinkFault } from './sender.ts'

const PIECE_BYTES = 65_536
const NEWLINE = 0x0a
const SEQ = /^\{"_chain":\{"prev":"[0-9a-f]{64}","seq":(\d+)\}/
/** Holds all that `SEQ` looks at. */
const HEAD_BYTES = 160

/** A file of the sink after what a crash tore at its end was cut off. */
export interface Tail {
  readonly bytes: number
  /** Of the last record; undefined where there is none. */
  readonly seq: number | undefined
}

/** Cuts off a last line that is not whole, and tells which record is the last. @throws SinkFault when it is no record. */
export async function repairTail(file: FileHandle, name: string): Promise<Tail> {
  const { size } = await file.stat()
  const end = await endOfLine(file, size)
  if (end < size) await file.truncate(end)
  if (end === 0) return { bytes: 0, seq: undefined }
  const start = await endOfLine(file, end - 1)
  const head = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(head, 0, HEAD_BYTES, start)
  const seq = Number(SEQ.exec(head.toString('latin1', 0, bytesRead))?.[1])
  if (!Number.isSafeInteger(seq))
    throw new SinkFault(`${name} ends with something that is no record of an audit: move it away`)
  return { bytes: end, seq }
}

/** Behind the last newline before `before`; 0 where there is none. */
async function endOfLine(file: FileHandle, before: number): Promise<number> {
  const piece = Buffer.alloc(Math.min(PIECE_BYTES, before))
  for (let at = before; at > 0; ) {
    const from = Math.max(0, at - piece.length)
    const { bytesRead } = await file.read(piece, 0, at - from, from)
    const found = piece.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (found >= 0) return from + found + 1
    at = from
  }
  return 0
}
