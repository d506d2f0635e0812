import { LONGEST_SECRET_BYTES, type SecretKind } from '../../domain/secret-kind.ts'
import { ASSIGNMENTS } from './kinds/assignments.ts'
import { AUTHORIZATION } from './kinds/authorization.ts'
import { CLOUD_KEYS } from './kinds/cloud-keys.ts'
import { JWT } from './kinds/jwt.ts'
import { PASSWORD_FILES } from './kinds/password-files.ts'
import { PASSWORD_HASHES } from './kinds/password-hashes.ts'
import { PRIVATE_KEYS } from './kinds/private-keys.ts'
import type { Recognizer } from './kinds/recognizer.ts'
import { TOKENS } from './kinds/tokens.ts'
import { URL_PASSWORDS } from './kinds/url-passwords.ts'
import type { Finder } from './known-secrets.ts'
import { Literals } from './literals.ts'
import type { Span } from './redactor.ts'

/** Those that know more of what they find come before those that know less: what both find is of the first one's kind. */
const RECOGNIZERS: readonly Recognizer[] = [
  ...PRIVATE_KEYS,
  ...CLOUD_KEYS,
  ...TOKENS,
  ...JWT,
  ...URL_PASSWORDS,
  ...PASSWORD_HASHES,
  ...PASSWORD_FILES,
  ...AUTHORIZATION,
  ...ASSIGNMENTS,
]

/**
 * Finds secrets of these kinds by how they look. Nothing is looked at but the surroundings of strings that such secrets begin with or
 * have beside them, so that ordinary output costs one pass. In time that is linear in the length of the bytes.
 */
export function recognize(kinds: ReadonlySet<SecretKind>): Finder {
  const recognizers = RECOGNIZERS.filter(({ kind }) => kinds.has(kind))
  const anchors = recognizers.flatMap(({ anchors: own, ignoresCase = false }, owner) =>
    own.map((anchor) => ({ bytes: Buffer.from(anchor), ignoresCase, owner })),
  )
  const literals = new Literals(anchors)
  return {
    find(bytes) {
      const hits = new Map<number, number[]>()
      literals.each(bytes, (index, start) => {
        const owner = anchors[index]?.owner ?? 0
        const own = hits.get(owner)
        if (own === undefined) hits.set(owner, [start])
        else own.push(start)
      })
      if (hits.size === 0) return []
      // Latin-1, so that a place in the text is a place in the bytes.
      const text = bytes.toString('latin1')
      const owners = [...hits].sort(([one], [other]) => one - other)
      return owners.flatMap(([owner, starts]) => spansOf(recognizers[owner], text, starts))
    },
    begunAt(bytes) {
      // A word without an end in which something begins that such secrets begin with.
      const word = lastWord(bytes)
      let first = bytes.length
      literals.each(bytes.subarray(word), (_, start) => {
        first = Math.min(first, word + start)
      })
      return first === bytes.length ? first : word
    },
    longestBytes: recognizers.length === 0 ? 0 : LONGEST_SECRET_BYTES,
  }
}

function lastWord(bytes: Buffer): number {
  let at = bytes.length
  while (at > 0 && bytes.length - at < LONGEST_WORD_BYTES && (bytes[at - 1] ?? 0) > 0x20) at -= 1
  return at
}

/** Longer words without an end are shown. */
const LONGEST_WORD_BYTES = 2 * 1024

function spansOf(recognizer: Recognizer | undefined, text: string, hits: readonly number[]): Span[] {
  if (recognizer === undefined) return []
  const { kind, find } = recognizer
  const spans: Span[] = []
  let end = 0
  for (const hit of [...hits].sort((a, b) => a - b)) {
    // What was found already is not looked at again.
    if (hit < end) continue
    const found = find(text, hit)
    if (found === undefined) continue
    spans.push({ start: found.start, end: found.end, kind, isWhole: found.isWhole ?? true })
    end = found.end
  }
  return spans
}
