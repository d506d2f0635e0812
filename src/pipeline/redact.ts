/** Takes secrets out of text that leaves the bridge. Runs before anything is cut, so that a cut never leaves half a secret. */
export interface Redactor {
  redact(text: string): { readonly text: string; readonly count: number }
}

/** Shorter strings would blank out ordinary words; the configuration warns about passwords as short as that. */
const SHORTEST_SECRET = 6

/** Replaces every literal occurrence of a configured credential. `secrets` is asked each time: a reload may change it. */
export function knownSecrets(secrets: () => readonly string[]): Redactor {
  return {
    redact(text) {
      let count = 0
      let clean = text
      for (const secret of secrets()) {
        if (secret.length < SHORTEST_SECRET || !clean.includes(secret)) continue
        const parts = clean.split(secret)
        count += parts.length - 1
        clean = parts.join('[redacted]')
      }
      return { text: clean, count }
    },
  }
}
