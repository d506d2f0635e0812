import { type Finder, type KnownSecret, knownSecrets } from './known-secrets.ts'
import { joined, REDACTED, type Redactor, redactText, type Span } from './redactor.ts'
import { percentDecoded, through, unwrapped, type View, withoutControls } from './views.ts'

/** What is taken out. A new object for each new configuration: what is made of it is kept as long as it is the same. */
export interface Redaction {
  /** Credentials of the configuration. */
  readonly secrets: readonly string[]
  /** Others that are known. */
  readonly given?: readonly KnownSecret[]
  /** Finders of what is not known but looks like a secret. */
  readonly recognizers: readonly Finder[]
}

/** `redaction` is asked each time: a reload may change it. */
export function createRedactor(redaction: () => Redaction): Redactor {
  let made: { readonly from: Redaction; readonly known: Finder; readonly all: readonly Finder[] } | undefined
  const current = () => {
    const from = redaction()
    if (made?.from !== from) {
      const configured = from.secrets.map((text) => ({ text, kind: 'configured' }) as const)
      const known = knownSecrets([...(from.given ?? []), ...configured])
      made = { from, known, all: [known, ...from.recognizers] }
    }
    return made
  }
  const spans = (bytes: Buffer) => {
    const { known, all } = current()
    // A secret may have colours, strokes or the ends of lines between its characters, and a sequence may hold one: both are looked at.
    const bare = withoutControls(bytes)
    return joined([
      ...all.flatMap((finder) => finder.find(bytes)),
      ...written(bytes).flatMap((view) => findIn(view, known)),
      ...(bare ? all.flatMap((finder) => findIn(bare, finder)) : []),
      ...(bare ? written(bare.bytes).flatMap((view) => findIn(through(bare, view), known)) : []),
    ])
  }
  const label = () => REDACTED
  return {
    get longestBytes() {
      return current().all.reduce((most, { longestBytes }) => Math.max(most, longestBytes), 0)
    },
    redact: (text) => redactText(spans, label, text),
    spans,
    begunAt: (bytes) =>
      current().all.reduce((least, finder) => Math.min(least, finder.begunAt(bytes)), bytes.length),
    label,
  }
}

/** What is written in a way that has no set of characters or no place of its own. */
function written(bytes: Buffer): View[] {
  return [unwrapped(bytes), percentDecoded(bytes)].filter((view) => view !== undefined)
}

function findIn(view: View, finder: Finder): Span[] {
  const { bytes } = view
  return finder.find(bytes).map(({ start, end, ...found }) => {
    const raw = { ...found, start: view.rawStart(start), end: view.rawEnd(end - 1) }
    // The bytes as they are hold more than the secret.
    return raw.end - raw.start === end - start || found.value !== undefined
      ? raw
      : { ...raw, value: Buffer.from(bytes.subarray(start, end)) }
  })
}
