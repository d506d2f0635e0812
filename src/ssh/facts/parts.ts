import { END } from './facts-script.ts'

/** What the host printed, part by part. */
export interface Parts {
  readonly lines: ReadonlyMap<string, readonly string[]>
  /** Parts that the script said it could not have, with why. */
  readonly lacking: ReadonlyMap<string, string>
  /** The script came to its end. */
  readonly isWhole: boolean
}

const LONGEST_TEXT = 200

/** Only what follows the nonce counts: it is chance, so no name on the host can look like the beginning of a part. */
export function splitParts(text: string, nonce: string): Parts {
  const lines = new Map<string, readonly string[]>()
  const lacking = new Map<string, string>()
  for (const piece of text.split(nonce).slice(1)) {
    const [head = '', ...rest] = piece.split('\n')
    const lack = /^ - (\w+) (.+)$/.exec(head)
    const name = /^ (\w+)$/.exec(head)?.[1]
    if (lack?.[1] !== undefined && lack[2] !== undefined) lacking.set(lack[1], clean(lack[2]))
    else if (name !== undefined)
      lines.set(
        name,
        rest.filter((line) => line.trim() !== ''),
      )
  }
  return { lines, lacking, isWhole: lines.has(END) }
}

/**
 * A text of the host's as it may be shown: control characters, and those that turn or hide text, become escapes; a long one is cut.
 */
export function clean(text: string): string {
  const visible = text
    .trim()
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
      (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )
  return visible.length <= LONGEST_TEXT ? visible : `${visible.slice(0, LONGEST_TEXT)}…`
}

/** A number without sign, strictly; undefined for anything else. */
export function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined
}

export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(?:\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined
}
