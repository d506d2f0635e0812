import { isUtf8 } from 'node:buffer'
import type { Captured } from '../domain/outcome.ts'

/**
 * A stream in bounded memory: keeps the first `headBytes` and the last `tailBytes`, counts the rest. `push` copies and never makes
 * strings; `captured` decodes at the end, so that no character is split by how the bytes happened to arrive.
 */
export class Capture {
  readonly #headBytes: number
  readonly #tailBytes: number
  #head = Buffer.alloc(0)
  #headLength = 0
  /** A ring; `#tailAt` is where the next byte goes. */
  #tail = Buffer.alloc(0)
  #tailAt = 0
  #tailLength = 0
  #totalBytes = 0

  constructor(headBytes: number, tailBytes: number) {
    this.#headBytes = headBytes
    this.#tailBytes = tailBytes
  }

  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Another one that has seen the same so far. */
  copy(): Capture {
    const copy = new Capture(this.#headBytes, this.#tailBytes)
    copy.#head = Buffer.from(this.#head)
    copy.#headLength = this.#headLength
    copy.#tail = Buffer.from(this.#tail)
    copy.#tailAt = this.#tailAt
    copy.#tailLength = this.#tailLength
    copy.#totalBytes = this.#totalBytes
    return copy
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length
    const room = this.#headBytes - this.#headLength
    if (room > 0) this.#pushHead(chunk.subarray(0, room))
    if (chunk.length > room) this.#pushTail(chunk.subarray(room))
  }

  captured(): Captured {
    const head = this.#head.subarray(0, this.#headLength)
    const tail = this.#lastBytes()
    const omitted = this.#totalBytes - head.length - tail.length
    if (omitted === 0) {
      const whole = tail.length === 0 ? head : Buffer.concat([head, tail])
      return { head: whole.toString(), tail: '', ...this.#counts(0, invalidBytes(whole)) }
    }
    const first = head.subarray(0, endOfLastCharacter(head))
    const last = tail.subarray(startOfFirstCharacter(tail))
    const cut = head.length - first.length + (tail.length - last.length)
    const invalid = invalidBytes(first) + invalidBytes(last)
    return { head: first.toString(), tail: last.toString(), ...this.#counts(omitted + cut, invalid) }
  }

  #counts(omittedBytes: number, invalid: number) {
    return { totalBytes: this.#totalBytes, omittedBytes, invalidBytes: invalid }
  }

  #pushHead(part: Buffer): void {
    const needed = this.#headLength + part.length
    if (needed > this.#head.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#headBytes, Math.max(needed, this.#head.length * 2, 1_024)),
      )
      this.#head.copy(grown, 0, 0, this.#headLength)
      this.#head = grown
    }
    part.copy(this.#head, this.#headLength)
    this.#headLength = needed
  }

  #pushTail(part: Buffer): void {
    if (this.#tailBytes === 0) return
    if (this.#tail.length === 0) this.#tail = Buffer.allocUnsafe(this.#tailBytes)
    const last = part.length > this.#tailBytes ? part.subarray(part.length - this.#tailBytes) : part
    const toEdge = Math.min(last.length, this.#tailBytes - this.#tailAt)
    last.copy(this.#tail, this.#tailAt, 0, toEdge)
    last.copy(this.#tail, 0, toEdge)
    this.#tailAt = (this.#tailAt + last.length) % this.#tailBytes
    this.#tailLength = Math.min(this.#tailBytes, this.#tailLength + last.length)
  }

  #lastBytes(): Buffer {
    if (this.#tailLength < this.#tailBytes) return this.#tail.subarray(0, this.#tailLength)
    return Buffer.concat([this.#tail.subarray(this.#tailAt), this.#tail.subarray(0, this.#tailAt)])
  }
}

/** Where the last character of `bytes` ends that is there to its last byte. */
function endOfLastCharacter(bytes: Buffer): number {
  // RFC 3629 §3: a character is at most four bytes, so only the last three positions can begin one that is incomplete.
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    return lengthByLead(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Where the first character of `bytes` begins: what is left of one that began in the omitted part is skipped. */
function startOfFirstCharacter(bytes: Buffer): number {
  let start = 0
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
  return start
}

function lengthByLead(byte: number): number {
  if (byte >= 0xf0 && byte <= 0xf4) return 4
  if (byte >= 0xe0 && byte <= 0xef) return 3
  return byte >= 0xc2 && byte <= 0xdf ? 2 : 1
}

/** How many bytes belong to no well-formed character (RFC 3629 §4). */
function invalidBytes(bytes: Buffer): number {
  if (isUtf8(bytes)) return 0
  let invalid = 0
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at)
    if (length === 0) invalid += 1
    at += Math.max(1, length)
  }
  return invalid
}

/** The length of the well-formed character at `at`; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const length = lengthByLead(lead)
  if (length === 1 || at + length > bytes.length) return 0
  for (let next = 1; next < length; next += 1) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] ?? 0
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second > 0x9f) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  return lead === 0xf4 && second > 0x8f ? 0 : length
}
