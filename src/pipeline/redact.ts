/** A stretch of bytes that is a secret: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Takes secrets out of text that leaves the bridge. Runs before anything is cut, so that a cut never leaves half a secret. */
export interface Redactor {
  redact(text: string): { readonly text: string; readonly count: number }
  /** The secrets in a piece of a longer stream, in order, touching ones as one. */
  spans(bytes: Buffer): readonly Span[]
  /** The longest secret: so much before and after a piece has to be looked at too. */
  readonly longestBytes: number
}

export const REDACTED = '[redacted]'

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
  return {
    get longestBytes() {
      return current().longest
    },
    redact(text) {
      const held = secrets().filter(({ length }) => length >= SHORTEST_SECRET)
      // All are looked for in the text as it is: one may hold another, and what were left of it would give it away.
      const spans = joined(held.flatMap((secret) => occurrences(text, secret)))
      if (spans.length === 0) return { text, count: 0 }
      const parts: string[] = []
      let at = 0
      for (const { start, end } of spans) {
        parts.push(text.slice(at, start))
        at = end
      }
      return { text: [...parts, text.slice(at)].join(REDACTED), count: spans.length }
    },
    spans: (bytes) => joined(current().bytes.flatMap((secret) => occurrences(bytes, secret))),
  }
}

function occurrences<Text extends string | Buffer>(text: Text, secret: Text): Span[] {
  const found: Span[] = []
  const next = (from: number) =>
    typeof text === 'string' ? text.indexOf(String(secret), from) : text.indexOf(secret, from)
  for (let at = next(0); at >= 0; at = next(at + 1)) found.push({ start: at, end: at + secret.length })
  return found
}

function joined(spans: readonly Span[]): readonly Span[] {
  const all: { start: number; end: number }[] = []
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = all.at(-1)
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
    else all.push({ start, end })
  }
  return all
}
