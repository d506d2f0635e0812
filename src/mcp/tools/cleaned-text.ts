import { type Cleaned, secretCount } from '../../domain/cleaned.ts'

/** What was done to the text that follows, so that nobody takes it for what the host has byte by byte. */
export function cleanedNotes(cleaned: Cleaned): string[] {
  const count = secretCount(cleaned)
  // Which kinds: a reader can tell a key that was found from a setting that only looks like one.
  const kinds = Object.entries(cleaned.secrets).map(([kind, of]) => `${of} ${kind}`)
  return [
    ...(count > 0 ? [`${count} secret(s) replaced by [redacted]: ${kinds.join(', ')}.`] : []),
    ...(cleaned.controls > 0
      ? [`${cleaned.controls} control sequence(s) shown as ␛ and <U+…>, or left out as colours.`]
      : []),
  ]
}

/** The same for the content of a file, which may be written back. */
export function cleanedFileNotes(cleaned: Cleaned): string[] {
  const notes = cleanedNotes(cleaned)
  return notes.length === 0 ? [] : [...notes, 'This is not the file as it is: do not write it back.']
}
