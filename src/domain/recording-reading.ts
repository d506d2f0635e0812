import type { RecordingEnd, RecordingFacts, RecordingId } from './recording.ts'

/** A recording as it is listed. */
export interface KeptRecording extends RecordingFacts {
  /** Names the key it is encrypted with; undefined: it is not. */
  readonly keyId: string | undefined
  /** Absent while it is being written. */
  readonly endedAt?: Date
  readonly end?: RecordingEnd
}

/** Which recordings are listed: each that is given has to hold. */
export interface RecordingFilter {
  /** A part of the name, or of issuer and subject. */
  readonly person?: string
  readonly host?: string
  readonly call?: string
  readonly since?: Date
  readonly until?: Date
  readonly limit: number
}

/** Reading what was shown to others. None of it reaches a host, and none of it changes anything. */
export type ReadRecordingAction =
  | { readonly kind: 'list_recordings'; readonly filter: RecordingFilter }
  | { readonly kind: 'read_recording'; readonly recording: RecordingId }
  /** Whole lines of its asciicast, those of the pieces behind `after`. */
  | { readonly kind: 'read_recording_cast'; readonly recording: RecordingId; readonly after: number }

/** Whole pieces of an asciicast, one after the other. `last` is the number of the last one; undefined: there are no more yet. */
export interface CastPage {
  readonly text: string
  readonly last?: number
}

export type ReadRecordingAnswer =
  | { readonly kind: 'recordings'; readonly recordings: readonly KeptRecording[] }
  | { readonly kind: 'recording'; readonly recording: KeptRecording }
  | { readonly kind: 'recording_cast'; readonly recording: RecordingId; readonly page: CastPage }

/** Gives what is kept to those who may have it. */
export interface RecordingShelf {
  /** Latest first. */
  list(filter: RecordingFilter): Promise<readonly KeptRecording[]>
  find(id: RecordingId): Promise<KeptRecording | undefined>
  /** The pieces behind `after`, about a MiB of them; or why they cannot be opened, in words. */
  castOf(recording: KeptRecording, after: number): Promise<CastPage | { readonly unreadable: string }>
}
