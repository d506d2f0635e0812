import { randomBytes } from 'node:crypto'

/** Drawn from the system at once: a draw costs the same however few bytes it is for, and every call needs several. */
const DRAWN_BYTES = 4096

let drawn = Buffer.alloc(0)

/** The next bytes that were drawn, as text. They are given out once and wiped, so that no later look at the memory finds them. */
function draw(bytes: number, encoding: 'base64url' | 'hex'): string {
  if (drawn.length < bytes) drawn = randomBytes(DRAWN_BYTES)
  const taken = drawn.subarray(0, bytes)
  drawn = drawn.subarray(bytes)
  const text = taken.toString(encoding)
  taken.fill(0)
  return text
}

/** 128 random bits as 22 URL-safe characters, behind a prefix that tells a reader what the id names: `call_…`, `ses_…`. */
export function randomId(prefix: string): string {
  return `${prefix}_${draw(16, 'base64url')}`
}

/** 128 random bits as 32 lower-case hex characters, safe as a word in any shell and as a file name. */
export function randomHex(): string {
  return draw(16, 'hex')
}

/** 256 random bits as 43 URL-safe characters: a right that whoever holds it has. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** An even chance between 0 and 1, 1 left out: so that those who wait for the same thing do not all come back at once. */
export function randomShare(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32
}
