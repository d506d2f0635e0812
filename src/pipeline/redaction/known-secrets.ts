import { joined, REDACTED, type Redactor, redactText, type Span } from './redactor.ts'

/** Shorter strings would blank out ordinary words; the configuration warns about passwords as short as that. */
const SHORTEST_SECRET = 6

/** Replaces every literal occurrence of a configured credential. `secrets` is asked each time: a reload may change it. */
export function knownSecrets(secrets: () => readonly string[]): Redactor {
  let known: {
    readonly all: readonly string[]
    readonly bytes: readonly Buffer[]
    readonly longest: number
  } = { all: [], bytes: [], longest: 0 }
  const current = () => {
    const all = secrets()
    if (all !== known.all) {
      const bytes = all.filter(({ length }) => length >= SHORTEST_SECRET).map((secret) => Buffer.from(secret))
      known = { all, bytes, longest: bytes.reduce((most, { length }) => Math.max(most, length), 0) }
    }
    return known
  }
  // All are looked for in the text as it is: one may hold another, and what were left of it would give it away.
  const spans = (bytes: Buffer) => joined(current().bytes.flatMap((secret) => occurrences(bytes, secret)))
  const label = () => REDACTED
  return {
    get longestBytes() {
      return current().longest
    },
    redact: (text) => redactText(spans, label, text),
    spans,
    label,
  }
}

function occurrences(text: Buffer, secret: Buffer): Span[] {
  const found: Span[] = []
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
    found.push({ start: at, end: at + secret.length, kind: 'configured', isWhole: true })
  return found
}
