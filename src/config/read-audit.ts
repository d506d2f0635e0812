import type { Review } from './review.ts'
import type { Draft } from './schema.ts'

type AuditDraft = Draft['audit']

/** How the audit is signed, kept and handed out. */
export interface AuditConfig {
  /** PEM. Absent: a key file in the storage directory. */
  readonly signingKey?: string
  readonly checkpoint: { readonly records: number; readonly afterMs: number }
  readonly receipts: boolean
  /** Absent: records are kept for ever. */
  readonly retentionMs?: number
}

const DAY = 86_400_000

export function readAudit(draft: AuditDraft): AuditConfig {
  const { signing_key: signingKey, checkpoint, receipts, retention_days: days } = draft
  return {
    ...(signingKey !== undefined && { signingKey }),
    checkpoint: { records: checkpoint.records, afterMs: checkpoint.seconds * 1_000 },
    receipts,
    ...(days !== undefined && { retentionMs: days * DAY }),
  }
}

export function auditSecrets({ signing_key: key }: AuditDraft): string[] {
  return key === undefined ? [] : [key]
}

/** A key that is none would be noticed only when the bridge starts. */
export function checkSigningKey({ signing_key: key }: AuditDraft, review: Review): void {
  if (key === undefined || key.includes('-----BEGIN PRIVATE KEY-----')) return
  review.problem(
    ['audit', 'signing_key'],
    'must be an Ed25519 key as PEM, as this makes one: openssl genpkey -algorithm ed25519',
  )
}
