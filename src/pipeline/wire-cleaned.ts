import { type Cleaned, secretCount } from '../domain/cleaned.ts'

/** Beside each text that a host gave, on every wire. */
export interface WireCleaned {
  /** How many secrets were taken out; what stands in their place begins with `[redacted`. */
  readonly redactions: number
  /** Of which kinds, where there are any. */
  readonly redacted_kinds?: Cleaned['secrets']
  /** How many control characters and sequences were shown instead of passed on, or left out where they only colour. */
  readonly control_sequences: number
}

export function wireCleaned(cleaned: Cleaned): WireCleaned {
  const redactions = secretCount(cleaned)
  return {
    redactions,
    ...(redactions > 0 && { redacted_kinds: cleaned.secrets }),
    control_sequences: cleaned.controls,
  }
}
