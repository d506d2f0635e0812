import type { RedactedKind } from '../../domain/secret-kind.ts'
import { type Encoded, encodingsOf } from './encodings.ts'
import { Literals } from './literals.ts'
import type { Span } from './redactor.ts'

/** Shorter strings would blank out ordinary words; the configuration warns about passwords as short as that. */
const SHORTEST_SECRET = 6

/** Finds secrets in bytes; what it finds may overlap. */
export interface Finder {
  find(bytes: Buffer): Span[]
  /** Where something may begin that is found once the rest of it has come; the length of the bytes when nothing does. */
  begunAt(bytes: Buffer): number
  /** Nothing it finds is longer. */
  readonly longestBytes: number
}

export interface KnownSecret {
  readonly text: string
  readonly kind: RedactedKind
}

/** Finds what is known, in each of its encodings. */
export function knownSecrets(secrets: readonly KnownSecret[]): Finder {
  const encoded = [...new Map(secrets.map((secret) => [secret.text, secret])).values()]
    .filter(({ text }) => text.length >= SHORTEST_SECRET)
    .flatMap(({ text, kind }) =>
      encodingsOf(text).map((form) => ({ ...form, kind, value: Buffer.from(text) })),
    )
  const literals = new Literals(encoded)
  const longest = encoded.reduce((most, { bytes }) => Math.max(most, bytes.length), 0)
  return {
    find(bytes) {
      const found: Span[] = []
      literals.each(bytes, (index, start) => {
        const one = encoded[index]
        if (one === undefined) return
        found.push({ ...edges(bytes, start, one), kind: one.kind, isWhole: true, value: one.value })
      })
      return found
    },
    begunAt: (bytes) => literals.begunAt(bytes),
    longestBytes: longest === 0 ? 0 : longest + PADDING_BYTES,
  }
}

/** The characters of base64 beside what depends on the secret alone: one before, one behind and two that fill up. */
const PADDING_BYTES = 4

function edges(
  bytes: Buffer,
  start: number,
  { bytes: { length }, isPartialBefore, isPartialBehind }: Encoded,
) {
  let end = start + length
  if (isPartialBehind && isBase64(bytes[end])) end += 1
  if (isPartialBehind) while (bytes[end] === 0x3d && end < start + length + 3) end += 1
  return { start: isPartialBefore && isBase64(bytes[start - 1]) ? start - 1 : start, end }
}

function isBase64(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte))
}
