import type { EvidenceEvent } from '../src/domain/evidence-event.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const log = 'log_AAAAAAAAAAAAAAAAAAAAAA'
const signed = { key: 'A'.repeat(43), signature: 'A'.repeat(86) } as const

/** What the audit states of itself. */
export const EVIDENCE_EXAMPLES: {
  readonly [Type in EvidenceEvent['type']]: readonly [means: string, event: EvidenceEvent]
} = {
  'audit.opened': [
    'The first record of a log: `log` is its name, which no other has.',
    { type: 'audit.opened', at, log, ...signed },
  ],
  'audit.checkpoint': [
    'The record `signed` has the digest `hash`, and with it every record before it is as it was written.',
    { type: 'audit.checkpoint', at, log, signed: 1000, hash: 'a'.repeat(64), ...signed },
  ],
  'audit.key_added': [
    'From here on `added` signs too. Without `key` and `signature` the key before was lost: the new one proves nothing by itself.',
    { type: 'audit.key_added', at, log, added: 'B'.repeat(43), ...signed },
  ],
  'audit.pruned': [
    'The records up to `signed`, which has the digest `hash`, were older than `audit.retention_days` and are removed.',
    { type: 'audit.pruned', at, log, signed: 1000, hash: 'a'.repeat(64), ...signed },
  ],
}
