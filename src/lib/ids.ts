import { randomBytes } from 'node:crypto'

/** 128 random bits as 22 URL-safe characters, behind a prefix that tells a reader what the id names: `call_…`, `ses_…`. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`
}

/** 128 random bits as 32 lower-case hex characters, safe as a word in any shell and as a file name. */
export function randomHex(): string {
  return randomBytes(16).toString('hex')
}

/** 256 random bits as 43 URL-safe characters: a right that whoever holds it has. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** An even chance between 0 and 1, 1 left out: so that those who wait for the same thing do not all come back at once. */
export function randomShare(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32
}
