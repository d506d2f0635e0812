import type { AuditEvent } from '../domain/audit.ts'
import { never } from '../lib/never.ts'

type RecordingEvent = Extract<AuditEvent, { type: `recording.${string}` }>

/** What stands in the record of an event of a recording, beside its time and type. */
export function recordingFacts(event: RecordingEvent): Record<string, unknown> {
  const { id, kind, call, person, name, host, startedAt } = event.recording
  const facts = { recording: id, kind, call, person, name, host }
  switch (event.type) {
    case 'recording.started':
      return { ...facts, encrypted: event.isEncrypted }
    case 'recording.finished': {
      const { state, why, bytes, pieces, sha256, storedBytes, storedSha256 } = event.end
      const stored = { stored_bytes: storedBytes, stored_sha256: storedSha256 }
      return { ...facts, since: startedAt.toISOString(), state, why, bytes, pieces, sha256, ...stored }
    }
    case 'recording.read':
      return { ...facts, how: event.how, edge: event.edge, by: event.by, by_call: event.byCall }
    case 'recording.removed':
      return { ...facts, since: startedAt.toISOString(), sha256: event.sha256 }
    default:
      return never(event)
  }
}
