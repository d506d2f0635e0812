/** Keys of older configurations and of common guesses, and what they are called here. */
const RENAMED: Readonly<Record<string, string>> = {
  http_port: 'port',
  stdio_enabled: 'enable_stdio',
  http_enabled: 'enable_http',
  user: 'username',
  hostname: 'host',
  address: 'host',
  private_key: 'private_key_path',
  key_path: 'private_key_path',
  identity_file: 'private_key_path',
  private_key_passphrase: 'passphrase',
  proxy_jump: 'jump',
  base_url: 'public_url',
  jwks_url: 'jwks_uri',
  scopes: 'required_scopes',
  timeout_seconds: 'timeout',
}

/** Keys of the design that a later version brings. Accepting them silently would promise what is not kept. */
const LATER = new Set(['certificate'])

export function isLaterKey(key: string): boolean {
  return LATER.has(key)
}

/** The key of `known` that was most likely meant, if one is near enough. */
export function findSuggestion(key: string, known: readonly string[]): string | undefined {
  const word = key.toLowerCase().replaceAll('-', '_')
  const renamed = RENAMED[word]
  if (renamed !== undefined && known.includes(renamed)) return renamed
  const bare = word.replaceAll('_', '')
  const same = known.find((candidate) => candidate.replaceAll('_', '') === bare)
  if (same !== undefined) return same
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0]
  if (nearest === undefined || word.length > 64) return undefined
  return nearest.distance <= Math.max(1, Math.floor(nearest.candidate.length / 3))
    ? nearest.candidate
    : undefined
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each cost 1. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? at(i - 2, j - 2) + 1
          : Number.POSITIVE_INFINITY
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped))
    }
  }
  return at(a.length, b.length)
}
