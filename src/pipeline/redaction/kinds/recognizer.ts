import type { SecretKind } from '../../../domain/secret-kind.ts'

export interface Found {
  readonly start: number
  readonly end: number
  /** False when the secret goes on where it could not be followed, or has begun where it could not be seen. Default: true. */
  readonly isWhole?: boolean
}

/** Knows secrets of one kind by how they look. */
export interface Recognizer {
  readonly kind: SecretKind
  /** Strings that such secrets begin with or have beside them, of two bytes at least; the rarer in ordinary output the better. */
  readonly anchors: readonly string[]
  readonly ignoresCase?: boolean
  /** The secret at the anchor that begins at `at`. The text is Latin-1: bytes, not characters. Looks at a bounded part of it. */
  find(text: string, at: number): Found | undefined
}

/**
 * A secret that begins with its anchor, as most tokens of services do. `form` is what follows the anchor, sticky. Letters and digits
 * right before or behind make it another word.
 */
export function token(kind: SecretKind, anchor: string, form: RegExp): Recognizer {
  return {
    kind,
    anchors: [anchor],
    find(text, at) {
      if (isWord(text, at - 1)) return undefined
      const end = endOf(form, text, at + anchor.length)
      return end === undefined || isWord(text, end) ? undefined : { start: at, end }
    },
  }
}

/** Something secret behind words that say so: `form` begins where the anchor does, sticky; its only group, which ends it, is the secret. */
export function inContext(
  kind: SecretKind,
  anchors: readonly string[],
  form: RegExp,
  isSecret: (value: string) => boolean = () => true,
): Recognizer {
  return {
    kind,
    anchors,
    ignoresCase: form.ignoreCase,
    find(text, at) {
      form.lastIndex = at
      const match = form.exec(text)
      const value = match?.[1]
      if (match === null || value === undefined || !isSecret(value)) return undefined
      return { start: form.lastIndex - value.length, end: form.lastIndex }
    },
  }
}

/** Where what the sticky expression matches at `at` ends. */
export function endOf(form: RegExp, text: string, at: number): number | undefined {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : undefined
}

export function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return (code >= 0x30 && code <= 0x39) || isLetter(code)
}

function isLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}
