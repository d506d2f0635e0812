import type { RecordingKind, RecordingState } from '../domain/recording.ts'
import type { KeptRecording, ReadRecordingAnswer } from '../domain/recording-reading.ts'
import { never } from '../lib/never.ts'

/** A recording as REST and the command line tell of it. What is not there yet while it is written is absent. */
export type WireRecording = {
  readonly id: string
  readonly kind: RecordingKind
  readonly call: string
  readonly person: string
  readonly name: string
  readonly host: string
  readonly started_at: string
  readonly ended_at?: string
  readonly state: RecordingState | 'open'
  readonly why?: string
  readonly encrypted: boolean
  readonly bytes?: number
  readonly pieces?: number
  readonly sha256?: string
  readonly stored_bytes?: number
  readonly stored_sha256?: string
}

export type WireRecordings = { readonly recordings: readonly WireRecording[] }

/** Lines of an asciicast as they are, for whoever plays or verifies them. */
export type WireCast = { readonly id: string; readonly cast: string; readonly next_after?: number }

export function wireRecordings(answer: ReadRecordingAnswer): WireRecordings | WireRecording | WireCast {
  switch (answer.kind) {
    case 'recordings':
      return { recordings: answer.recordings.map(wireRecording) }
    case 'recording':
      return wireRecording(answer.recording)
    case 'recording_cast': {
      const { text, last } = answer.page
      return { id: answer.recording, cast: text, ...(last !== undefined && { next_after: last }) }
    }
    default:
      return never(answer)
  }
}

export function wireRecording({ startedAt, endedAt, end, keyId, ...facts }: KeptRecording): WireRecording {
  const { id, kind, call, person, name, host } = facts
  return {
    ...{ id, kind, call, person, name, host },
    started_at: startedAt.toISOString(),
    ...(endedAt !== undefined && { ended_at: endedAt.toISOString() }),
    state: end?.state ?? 'open',
    ...(end?.why !== undefined && { why: end.why }),
    encrypted: keyId !== undefined,
    ...(end !== undefined && {
      bytes: end.bytes,
      pieces: end.pieces,
      sha256: end.sha256,
      stored_bytes: end.storedBytes,
      stored_sha256: end.storedSha256,
    }),
  }
}
