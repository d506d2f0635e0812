import { createHash } from 'node:crypto'

/** What stands before the first record. */
export const GENESIS = '0'.repeat(64)

/** Where a record stands, and the digest of the line before it. */
export interface Place {
  readonly prev: string
  readonly seq: number
}

const PLACE = /^\{"_chain":\{"prev":"([0-9a-f]{64})","seq":([1-9]\d{0,15})\},"/

/** @param body a canonical JSON object that has members, and among them no place. */
export function chained(body: string, { prev, seq }: Place): string {
  return `{"_chain":{"prev":"${prev}","seq":${seq}},${body.slice(1)}`
}

/** SHA-256 of the line without its newline, lower-case hex. */
export function digestOf(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex')
}

/** Undefined for what begins in any other way than a record does. */
export function placeOf(line: Buffer): Place | undefined {
  // Ends in `}` like every object; the digest of the next line says the rest.
  if (line.at(-1) !== 0x7d) return undefined
  const [, prev, seq] = PLACE.exec(line.toString('latin1', 0, 120)) ?? []
  return prev === undefined ? undefined : { prev, seq: Number(seq) }
}
