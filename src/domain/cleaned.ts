import type { RedactedKind, RedactedKinds } from './secret-kind.ts'

/** What was done to text that a host gave before a caller reads it. */
export interface Cleaned {
  /** Secrets that were taken out. */
  readonly secrets: RedactedKinds
  /** Characters and sequences that steer a terminal or deceive a reader: shown, or left out where they only colour. */
  readonly controls: number
}

export const NOTHING_CLEANED: Cleaned = { secrets: {}, controls: 0 }

/** How many secrets of any kind were taken out. */
export function secretCount({ secrets }: Cleaned): number {
  return Object.values(secrets).reduce((sum, count) => sum + count, 0)
}

export function allCleaned(parts: readonly Cleaned[]): Cleaned {
  const secrets: Partial<Record<RedactedKind, number>> = {}
  let controls = 0
  for (const part of parts) {
    controls += part.controls
    for (const [kind, count] of Object.entries(part.secrets) as [RedactedKind, number][])
      secrets[kind] = (secrets[kind] ?? 0) + count
  }
  return { secrets, controls }
}
