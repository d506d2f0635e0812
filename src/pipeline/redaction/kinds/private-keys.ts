import { LONGEST_SECRET_BYTES } from '../../../domain/secret-kind.ts'
import { type Found, inContext, type Recognizer, token } from './recognizer.ts'

const BEFORE = /-{4,5} ?(BEGIN|END) [A-Z0-9 ]{0,24}$/
const BEHIND = /PRIVATE KEY(?: BLOCK)? ?-{4,5}/y
const LAST_LINE = /-{4,5} ?END [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)? ?-{4,5}/
/** RFC 1421 §4.6, RFC 4880 §6.2: lines before those of the key. */
const HEADER = /^[^\n]{0,120}?[A-Z][A-Za-z-]{2,30}: [^\n]{0,200}$/
/** So much base64 at the end of a line makes it one of a key. */
const SHORTEST_LINE = 24
/** Longer lines are none of a key; what stands before the key on each, as `grep` or a log has it, is within. */
const LONGEST_LINE = 1_024

/**
 * Private keys as text: PEM (RFC 7468), OpenSSH, PGP, SSH2 (RFC 4716), whole blocks with what is beside their lines; blocks that only
 * begin or only end here; base64 of them; PuTTY, age, WireGuard, JWK.
 */
export const PRIVATE_KEYS: readonly Recognizer[] = [
  { kind: 'private_key', anchors: ['PRIVATE KEY'], find: block },
  { kind: 'private_key', anchors: ['LS0tLS1CRUdJTi', 'LS0tLSBCRUdJTi'], find: encodedBlock },
  inContext(
    'private_key',
    ['Private-Lines: '],
    /Private-Lines: \d{1,3}(?:\r?\n|\\n)([A-Za-z0-9+/=]{4,64}(?:(?:\r?\n|\\n)[A-Za-z0-9+/=]{4,64}(?=\r?\n|\\n|$)){0,200})/y,
  ),
  token('private_key', 'AGE-SECRET-KEY-1', /[0-9A-Z]{58}/y),
  inContext('private_key', ['PrivateKey', 'PresharedKey'], /P[a-z]+Key ?= ?([A-Za-z0-9+/]{43}=)/y),
  inContext('private_key', ['"d"'], /"d"\s{0,4}:\s{0,4}"([A-Za-z0-9_-]{40,1400})/y),
]

function block(text: string, at: number): Found | undefined {
  const before = BEFORE.exec(text.slice(Math.max(0, at - 40), at))
  BEHIND.lastIndex = at
  if (before === null || !BEHIND.test(text)) return undefined
  const [start, behind] = [at - before[0].length, BEHIND.lastIndex]
  return before[1] === 'BEGIN' ? begun(text, start, behind) : ended(text, start, behind)
}

/** From the first line of a block to its last, or as far as lines of a key go. Programs and manuals name the first line alone. */
function begun(text: string, start: number, behind: number): Found | undefined {
  const limit = Math.min(text.length, start + LONGEST_SECRET_BYTES)
  const inOne = inOneLine(text, start, behind, limit)
  if (inOne !== undefined) return inOne
  let keyEnd: number | undefined
  for (let line = lineAt(text, behind, limit); line !== undefined; line = lineAt(text, line.next, limit)) {
    const content = text.slice(line.start, line.end)
    const last = LAST_LINE.exec(content)
    if (last !== null) {
      const end = line.start + last.index + last[0].length
      return keyEnd === undefined ? undefined : { start, end }
    }
    const tail = base64Tail(content)
    if (tail >= SHORTEST_LINE && (tail > 40 || !HEADER.test(content))) keyEnd = line.end
    else if (content.trim() !== '' && keyEnd !== undefined) {
      // The last line of a key may be short.
      const next = lineAt(text, line.next, limit)
      const isLast = next !== undefined && LAST_LINE.test(text.slice(next.start, next.end))
      if (!isLast) return { start, end: isBase64Line(content) ? line.end : keyEnd, isWhole: false }
      keyEnd = line.end
    } else if (content.trim() !== '' && line.start !== behind && !HEADER.test(content)) return undefined
  }
  return keyEnd === undefined ? undefined : { start, end: keyEnd, isWhole: false }
}

/** A block whose line ends became spaces, or nothing. */
function inOneLine(text: string, start: number, behind: number, limit: number): Found | undefined {
  const body = /[ \t]{0,4}[A-Za-z0-9+/]{24}[A-Za-z0-9+/= \t]*/y
  body.lastIndex = behind
  if (!body.test(text)) return undefined
  const end = Math.min(body.lastIndex, limit)
  const last = LAST_LINE.exec(text.slice(end, end + 80))
  return last?.index === 0 ? { start, end: end + last[0].length } : { start, end, isWhole: false }
}

/** Lines of a key before the last line of a block that began where it cannot be seen. */
function ended(text: string, start: number, behind: number): Found | undefined {
  const limit = Math.max(0, behind - LONGEST_SECRET_BYTES)
  let first: number | undefined
  for (
    let line = lineBefore(text, start, limit);
    line !== undefined;
    line = lineBefore(text, line.start, limit)
  ) {
    const content = text.slice(line.start, line.end)
    const tail = base64Tail(content)
    // The last line of a key may be short, and what stands before the end of the block on its line is not of the key.
    const isLast = first === undefined && (line.end === start || isBase64Line(content))
    if (tail >= SHORTEST_LINE) first = line.start + content.length - content.trimStart().length
    else if (!isLast) break
  }
  return first === undefined ? undefined : { start: first, end: behind, isWhole: false }
}

interface Line {
  readonly start: number
  readonly end: number
  /** Where the next one begins. */
  readonly next: number
}

/** The line from `start` on. In texts within texts, line ends are written as escapes. */
function lineAt(text: string, start: number, limit: number): Line | undefined {
  if (start >= limit) return undefined
  const piece = text.slice(start, Math.min(limit, start + LONGEST_LINE))
  const found = /\n|(?:\\{1,4}r)?\\{1,4}n/.exec(piece)
  if (found === null)
    return piece.length === LONGEST_LINE ? undefined : { start, end: start + piece.length, next: limit }
  return { start, end: start + found.index, next: start + found.index + found[0].length }
}

/** The line that ends at `end`, or whose end stands right before it. */
function lineBefore(text: string, end: number, limit: number): Line | undefined {
  const from = Math.max(limit, end - LONGEST_LINE)
  const piece = text.slice(from, end).replace(/(?:\n|(?:\\{1,4}r)?\\{1,4}n)$/, '')
  if (end <= limit) return undefined
  const at = Math.max(
    piece.lastIndexOf('\n') + 1,
    piece.lastIndexOf('\\n') + 2 * Math.sign(piece.lastIndexOf('\\n') + 1),
  )
  return at === 0 && from > limit ? undefined : { start: from + at, end: from + piece.length, next: end }
}

function isBase64Line(line: string): boolean {
  return /^[\s"'>]{0,16}[A-Za-z0-9+/]{1,76}={0,2}[\s"',]{0,16}$/.test(line)
}

/** How many characters of base64 the line ends with, not counting what quotes it. */
function base64Tail(line: string): number {
  const end = line.length - (/[\s"',>=]*$/.exec(line.slice(-12))?.[0].length ?? 0)
  let at = end
  while (at > 0 && isBase64(line.charCodeAt(at - 1))) at -= 1
  return end - at
}

function isBase64(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x2f && code <= 0x39) || code === 0x2b
}

/** A block as base64, as Kubernetes keeps it. Certificates begin alike. */
function encodedBlock(text: string, at: number): Found | undefined {
  const run = /[A-Za-z0-9+/]{48,}(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/]{16,})*={0,2}/y
  const first = Buffer.from(text.slice(at, at + 64), 'base64').toString('latin1')
  if (!/^-----? ?BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY/.test(first)) return undefined
  run.lastIndex = at
  if (!run.test(text)) return undefined
  const end = Math.min(run.lastIndex, at + LONGEST_SECRET_BYTES)
  return { start: at, end, isWhole: end === run.lastIndex }
}
