import type { EvidenceEvent } from '../domain/evidence-event.ts'
import { never } from '../lib/never.ts'

/** What stands in the record of what the audit states of itself: nothing beside what is signed, the key and the signature. */
export function evidenceFacts(event: EvidenceEvent): Record<string, unknown> {
  switch (event.type) {
    case 'audit.opened': {
      const { log, key, signature } = event
      return { log, key, signature }
    }
    case 'audit.checkpoint':
    case 'audit.pruned': {
      const { log, signed, hash, key, signature } = event
      return { log, signed, hash, key, signature }
    }
    case 'audit.key_added': {
      const { log, added, key, signature } = event
      return { log, added, key, signature }
    }
    default:
      return never(event)
  }
}
