/** What a `WWW-Authenticate` value of the Bearer scheme says: its parameters, by their names in lower case. */
export type ChallengeWords = Readonly<Record<string, string>>

/**
 * Reads the first Bearer challenge (RFC 9110 §11.6.1, RFC 6750 §3). Undefined when there is none. A value may hold several challenges;
 * what belongs to another scheme is not looked at.
 */
export function readChallenge(value: string | null): ChallengeWords | undefined {
  const [, rest] = /(?:^|,)\s*Bearer\b\s*(.*)$/is.exec(value ?? '') ?? []
  if (rest === undefined) return undefined
  const words: Record<string, string> = {}
  for (const [, name = '', quoted, bare] of rest.matchAll(
    /([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    const key = name.toLowerCase()
    // The first one counts; a second challenge that follows repeats names.
    if (!Object.hasOwn(words, key)) words[key] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''
  }
  return words
}
