import type { Literal } from './literals.ts'

/** One way in which a secret may be written. */
export interface Encoded extends Literal {
  /** The characters beside it hold bits of the secret and of its neighbours. */
  readonly isPartialBefore: boolean
  readonly isPartialBehind: boolean
}

/**
 * The secret as it is, and as programs write it into other text: base64 at each of its three alignments and in both alphabets, of UTF-8
 * and of UTF-16 (as PowerShell takes commands), JSON and twice JSON, hex, quoting of shells, XML. Percent-encoding is
 * undone before anything is looked for (`views.ts`). Not compressed, encrypted, reversed, in other bases or with other characters between.
 */
export function encodingsOf(secret: string): readonly Encoded[] {
  const found = new Map<string, Encoded>()
  const add = (text: string, { ignoresCase = false, before = false, behind = false } = {}) => {
    const key = ignoresCase ? text.toLowerCase() : text
    if (!found.has(key))
      found.set(key, {
        bytes: Buffer.from(text),
        ignoresCase,
        isPartialBefore: before,
        isPartialBehind: behind,
      })
  }
  add(secret)
  for (const text of [...jsonForms(secret), ...shellForms(secret), ...xmlForms(secret), exactForm(secret)])
    add(text)
  // As forms send it, once the rest of its percent-encoding is undone.
  add(secret.replaceAll(' ', '+'))
  add(Buffer.from(secret).toString('hex'), { ignoresCase: true })
  for (const encoding of ['utf8', 'utf16le'] as const)
    for (const { text, before, behind } of base64Forms(Buffer.from(secret, encoding))) {
      add(text, { before, behind })
      add(text.replaceAll('+', '-').replaceAll('/', '_'), { before, behind })
    }
  return [...found.values()]
}

/** RFC 4648 §4: what of the text depends on the secret alone, wherever among other bytes it stands. */
function base64Forms(bytes: Buffer) {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const bits = 8 * (shift + bytes.length)
    return {
      text: text.slice(Math.ceil((8 * shift) / 6), Math.floor(bits / 6)),
      before: shift !== 0,
      behind: bits % 6 !== 0,
    }
  })
}

function jsonForms(secret: string): string[] {
  const inner = (text: string) => JSON.stringify(text).slice(1, -1)
  const plain = inner(secret)
  const forms = [
    plain,
    plain.replaceAll('/', '\\/'),
    // As Go writes it, and as those do who write ASCII only.
    plain.replace(/[<>&]/g, unicodeEscape),
    plain.replace(/[\u007f-\uffff]/g, unicodeEscape),
    plain.replace(/[\u007f-\uffff]/g, unicodeEscape).replaceAll('/', '\\/'),
    plain.replace(/['"<>&\u007f-\uffff]/g, unicodeEscape),
  ]
  return [...forms, ...forms.map(inner)]
}

/** As approvers read what they answer for: every byte of it seen. */
function exactForm(secret: string): string {
  return secret
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function shellForms(secret: string): string[] {
  return [
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/["$`\\]/g, '\\$&'),
    // As printf %q and the trace of bash write it.
    secret.replace(/[^A-Za-z0-9_.,:/@%+=\u0080-\uffff-]/g, '\\$&'),
  ]
}

function xmlForms(secret: string): string[] {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  const named = secret.replace(/[&<>"]/g, (character) => names[character] ?? character)
  return [named, ...['&#39;', '&apos;', '&#x27;'].map((quote) => named.replaceAll("'", quote))]
}
