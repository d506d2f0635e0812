import type { Found, Recognizer } from './recognizer.ts'

/** `eyJ` is `{"` in base64url, which every header begins with; with a space, `eyA`. */
const ANCHORS = ['eyJ', 'eyA']
const PART = /[A-Za-z0-9_-]+/y
const LONGEST_PART = 12 * 1024

/** Signed and encrypted tokens of JSON: RFC 7515 §3.1, three parts; RFC 7516 §3.1, five. */
export const JWT: readonly Recognizer[] = [{ kind: 'jwt', anchors: ANCHORS, find }]

function find(text: string, at: number): Found | undefined {
  // Only at the beginning of such a run, or one run would be looked at again and again.
  if (/[A-Za-z0-9_-]/.test(text.charAt(at - 1))) return undefined
  const lengths: number[] = []
  let end = at
  for (let count = 0; count < 5; count += 1) {
    if (count > 0 && text.charAt(end) !== '.') break
    PART.lastIndex = count === 0 ? at : end + 1
    const length = PART.test(text) ? PART.lastIndex - (count === 0 ? at : end + 1) : 0
    // RFC 7516 §7.1: a key that is not encrypted has no bytes.
    if (length === 0 && count !== 1) break
    if (length > LONGEST_PART) return undefined
    lengths.push(length)
    end += length + (count === 0 ? 0 : 1)
  }
  return isToken(lengths) ? { start: at, end } : undefined
}

function isToken([header = 0, second = 0, third = 0, fourth, fifth]: readonly number[]): boolean {
  if (header < 12) return false
  if (fifth !== undefined) return third > 0 && fourth !== undefined
  return second >= 2 && third >= 20
}
