/**
 * Files by single-use links stand below this path. What follows it is the right to one file, so it is kept out of every log; and what
 * holds for the bodies of other requests (their size, their time, their form) does not hold here.
 */
export const TRANSFER_PREFIX = '/transfer/'

/** A request's path as it may be shown. */
export function shownPath(path: string): string {
  return path.startsWith(TRANSFER_PREFIX) ? `${TRANSFER_PREFIX}…` : path
}

/** What an answer says of the part of an upload that is there: the next one goes on at this byte. */
export const UPLOAD_OFFSET = 'Upload-Offset'

export function uploadOffset(bytes: number): Record<string, string> {
  return { [UPLOAD_OFFSET]: String(bytes) }
}
