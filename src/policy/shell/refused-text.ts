/** Longer commands are not looked at. */
const MOST_COMMAND_BYTES = 65_536
/** Reading very many of them takes the parser long. */
const MOST_HERE_DOCUMENTS = 100

/**
 * Characters that people do not see, or see as others, and that shells read differently: control characters but newline and tab, every
 * space but the plain one, what changes the direction of text or has no width, and what stands for nothing at all.
 */
const UNSEEN =
  /(?![\n\t ])(?:[\p{C}\p{Z}]|\u034f|[\u115f\u1160\u2800\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f])/u

/** Why a text is not even parsed; undefined when it may be. */
export function refusalOfText(text: string): string | undefined {
  // Each UTF-16 unit is at least one byte: what is far too long is not counted.
  if (text.length > MOST_COMMAND_BYTES || Buffer.byteLength(text) > MOST_COMMAND_BYTES)
    return `it is longer than ${MOST_COMMAND_BYTES} bytes`
  const unseen = UNSEEN.exec(text)?.[0].codePointAt(0)
  // guard: no-unseen-characters
  if (unseen !== undefined)
    return `it has a character that is not shown as it is: U+${unseen.toString(16).toUpperCase().padStart(4, '0')}`
  // guard: few-here-documents
  if (text.split('<<', MOST_HERE_DOCUMENTS + 2).length > MOST_HERE_DOCUMENTS + 1)
    return 'it has very many here-documents'
  return undefined
}
