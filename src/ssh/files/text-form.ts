/** How a text file is written down beside its words: what an edit must not change unless it says so. */
export interface TextForm {
  readonly hasByteOrderMark: boolean
  /** `mixed`: both kinds of line ends stand in it, so each line keeps its own. */
  readonly lineEnds: 'lf' | 'crlf' | 'mixed'
}

const BYTE_ORDER_MARK = '\uFEFF'

/** Undefined when the bytes are not UTF-8 (RFC 3629) or hold a NUL: then they are not treated as text. */
export function decodeText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The words with `\n` at the end of lines, without the mark, and what has to be put back. `writeForm` is the way back. */
export function readForm(text: string): { readonly form: TextForm; readonly words: string } {
  const hasByteOrderMark = text.startsWith(BYTE_ORDER_MARK)
  const body = hasByteOrderMark ? text.slice(1) : text
  const pairs = count(body, '\r\n')
  const lineEnds = pairs === 0 ? 'lf' : pairs === count(body, '\n') ? 'crlf' : 'mixed'
  const form: TextForm = { hasByteOrderMark, lineEnds }
  return { form, words: lineEnds === 'crlf' ? body.replaceAll('\r\n', '\n') : body }
}

export function writeForm({ hasByteOrderMark, lineEnds }: TextForm, words: string): string {
  const body = lineEnds === 'crlf' ? words.replaceAll('\n', '\r\n') : words
  return hasByteOrderMark ? BYTE_ORDER_MARK + body : body
}

/** A caller's text as it is looked for in words of this form: in a file of CRLF lines, either line end is meant. */
export function inForm({ lineEnds }: TextForm, text: string): string {
  return lineEnds === 'crlf' ? text.replaceAll('\r\n', '\n') : text
}

export function count(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1
  return found
}
