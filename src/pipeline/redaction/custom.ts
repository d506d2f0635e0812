import type { SecretPattern } from '../../policy/secret-pattern.ts'
import type { Finder } from './known-secrets.ts'
import type { Span } from './redactor.ts'

/** Longer matches are none: an edge of what is looked at may cut them. */
const LONGEST_BYTES = 4 * 1024

/** Finds what the operator's own patterns describe. One that begins with plain text costs next to nothing; another one looks at each byte. */
export function customSecrets(patterns: readonly SecretPattern[]): Finder {
  return {
    find(bytes) {
      if (patterns.length === 0) return []
      // A place in the text has to be a place in the bytes; patterns of other characters than those of ASCII find nothing.
      const text = bytes.toString('latin1')
      return patterns.flatMap(({ compiled }) => {
        const matcher = compiled.matcher(text)
        const found: Span[] = []
        while (matcher.find()) {
          const [start, end] = [matcher.start(1), matcher.end(1)]
          if (start >= 0 && end > start && end - start <= LONGEST_BYTES)
            found.push({ start, end, kind: 'custom', isWhole: true })
        }
        return found
      })
    },
    begunAt: ({ length }) => length,
    longestBytes: patterns.length === 0 ? 0 : LONGEST_BYTES,
  }
}
