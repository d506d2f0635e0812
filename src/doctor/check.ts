import type { Said } from './finding.ts'
import type { Look } from './look.ts'

/** What a check is asked about, each by itself. */
export type Of = 'bridge' | 'issuer' | 'client' | 'token' | 'host'

/**
 * One question with an answer that a person can act on. A check looks through `look`, which remembers what was fetched, so that many
 * small checks ask the network once.
 */
export interface Check {
  /** In reports and as a heading of docs/DOCTOR.md; never changed. */
  readonly id: string
  readonly of: Of
  /** The claim that is tested, as a sentence. */
  readonly title: string
  /** What it means when the claim does not hold. */
  readonly means: string
  /** What mends it. */
  readonly mend: string
  /** Checks of the same subject, or of the bridge, without which this one would only repeat their failure. */
  readonly needs?: readonly string[]
  /** None: the check does not concern this set-up. Rejects only through a defect. */
  readonly run: (subject: string, look: Look) => Promise<readonly Said[]> | readonly Said[]
}

/** The groups of the report, in its order. */
export const GROUPS = {
  bridge: 'The address',
  issuer: 'The authorization server',
  client: 'The clients',
  token: 'The token',
  host: 'The hosts',
} as const satisfies Record<Of, string>
