import type { Context } from 'hono'
import type { NotStarted } from '../domain/outcome.ts'
import { wireErrorBody, wireFailure } from '../pipeline/wire-error.ts'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'

/**
 * Files by single-use links stand below this path. What follows it is the right to one file, so it is kept out of every log; and what
 * holds for the bodies of other requests (their size, their time, their form) does not hold here.
 */
export const TRANSFER_PREFIX = '/transfer/'

/** Set-up links of the built-in login. */
const SET_UP_PREFIX = '/oauth/set-up/'

/** A request's path as it may be shown: what is behind these is a right itself. */
export function shownPath(path: string): string {
  // As the router reads it: `/%74ransfer/` is the same place.
  const plain = path.replace(/%[0-7][0-9a-f]/gi, (sign) =>
    String.fromCharCode(Number.parseInt(sign.slice(1), 16)),
  )
  // guard: rights-are-not-logged
  const prefix = [TRANSFER_PREFIX, SET_UP_PREFIX].find((one) => plain.startsWith(one))
  return prefix === undefined ? path : `${prefix}…`
}

/** What an answer says of the part of an upload that is there: the next one goes on at this byte. */
const UPLOAD_OFFSET = 'Upload-Offset'

export function uploadOffset(bytes: number): Record<string, string> {
  return { [UPLOAD_OFFSET]: String(bytes) }
}

/** The host or the file does not take part: in the words of the host's answer, which name no address. */
export function notTransferred(c: Context<HttpEnv>, { code, message }: NotStarted): Response {
  return refuse(c, code, message)
}

/** RFC 9110 §15.5.17: the headers say what would be right. */
export function rangeRefused(
  c: Context<HttpEnv>,
  message: string,
  headers: Record<string, string>,
): Response {
  return c.json({ error: wireErrorBody(wireFailure('bad_request', message)) }, 416, headers)
}

/** RFC 9530 §3: of the whole file, whatever part of it is sent. */
export function reprDigest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
}
