import type { ChangeId } from './change.ts'
import type { NotStarted } from './outcome.ts'
import type { Permit } from './permit.ts'

/** `download`: from a host to whoever has the link. */
export type TransferDirection = 'download' | 'upload'

/** Makes single-use links. The permit is the right that the link lends on: it is kept with it, and asked again when it is used. */
export interface LinkMaker {
  /** Undefined where nobody could use one: the bridge serves no HTTP. */
  make(
    permit: Permit,
    direction: TransferDirection,
  ): { readonly url: string; readonly expiresAt: Date } | undefined
}

/** The bytes behind a link. Each answers `NotStarted` where the host or the file does not take part, and is closed by its caller. */
export interface LinkStreams {
  openDownload(permit: Permit, signal: AbortSignal): Promise<Download | NotStarted>
  openUpload(permit: Permit, signal: AbortSignal): Promise<Upload | NotStarted>
}

/** A file on a host, open for reading. What goes wrong is thrown as `BridgeError`. */
export interface Download {
  readonly name: string
  readonly bytes: number
  /** Changes when the file does, as far as its host tells: size and time. */
  readonly version: string
  /** From `offset` to before `end`: all of it, or it throws. */
  read(offset: number, end: number): AsyncIterable<readonly Buffer[]>
  /** Of the whole file, hex: reads it once for that. */
  digest(): Promise<string>
  close(): Promise<void>
}

/** `changeId`: by which whoever made the link can undo it. */
export interface Uploaded {
  readonly bytes: number
  readonly sha256: string
  readonly changeId?: ChangeId
}

/** A file on its way to a host: a part beside its place until it is whole. What goes wrong is thrown as `BridgeError`. */
export interface Upload {
  /** Bytes that an earlier use of the same link left there. */
  readonly received: number
  /** Resolves when more may come. */
  write(pieces: readonly Buffer[]): Promise<void>
  /** Puts the file in its place, when its digest is the expected one; hex. */
  finish(expectedSha256?: string): Promise<Uploaded | NotStarted>
  /** Without `finish` the part stays for the next use, until `discard`. */
  close(how?: 'discard'): Promise<void>
}
