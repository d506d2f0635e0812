import type { HostName } from './host.ts'

/** `rec_` and 128 random bits. */
export type RecordingId = string & { readonly RecordingId: unique symbol }

export function isRecordingId(text: string): text is RecordingId {
  return /^rec_[A-Za-z0-9_-]{22}$/.test(text)
}

export type RecordingKind = 'command' | 'terminal'

/**
 * `complete`: from beginning to end. `full`: it reached the size it may have, what came later is missing. `broken`: it could not be
 * written any further while what it shows went on. `cut`: the instance that wrote it went away, or stopped while a detached command
 * went on.
 */
export type RecordingState = 'complete' | 'full' | 'broken' | 'cut'

/** What a recording is of: enough to find it, and to tell of it when its call is not at hand any more. */
export interface RecordingFacts {
  readonly id: RecordingId
  readonly kind: RecordingKind
  /** The call that ran the command, or that opened the terminal. */
  readonly call: string
  /** `principalKey`, and a name to read. */
  readonly person: string
  readonly name: string
  readonly host: HostName
  readonly startedAt: Date
}

/** What was written, so that whoever holds the asciicast, or the stored bytes, can compare. Digests are SHA-256, lower-case hex. */
export interface RecordingSums {
  readonly bytes: number
  readonly pieces: number
  readonly sha256: string
  readonly storedBytes: number
  readonly storedSha256: string
}

export interface RecordingEnd extends RecordingSums {
  readonly state: RecordingState
  readonly why?: string
}

/** Where recordings are kept. */
export interface RecordingStore {
  /** Whether what it keeps is encrypted. */
  readonly isEncrypted: boolean
  /** Resolves once it is durable that there is a recording. */
  begin(facts: RecordingFacts): Promise<RecordingWriter>
  /** From then on nothing can be added. */
  close(id: RecordingId, end: RecordingEnd, at: Date): Promise<void>
}

/** One writes a recording, piece after piece, each after the one before. */
export interface RecordingWriter {
  /** Whole lines. Resolves once they are durable. Rejects when they are not, and then the recording has ended. */
  add(lines: Buffer): Promise<void>
  /** False: another instance has closed it, and has put its end on record. */
  isOwn(): Promise<boolean>
  readonly sums: RecordingSums
}
