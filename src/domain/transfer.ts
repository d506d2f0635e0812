import type { Call } from './call.ts'
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
  ): Promise<{ readonly url: string; readonly expiresAt: Date } | undefined>
}

/** A link as it is kept: by the digest of its token, from which nobody can tell the token. */
export interface KeptLink {
  readonly key: string
  readonly call: Call
  /** The rule that allowed the call. */
  readonly rule: string
  readonly direction: TransferDirection
  readonly expiresAt: Date
}

/** How far the uses of a link have come, in whichever instance they were. */
export interface LinkProgress {
  /** Bytes from the beginning that have been given without a gap. */
  readonly deliveredBytes: number
  /** In all, those that were given again too. */
  readonly sentBytes: number
  /** A part was left on the host. */
  readonly hasPart: boolean
}

/** What a link has left behind that is no more. */
export type EndedLink = KeptLink & Pick<LinkProgress, 'hasPart'>

/** Where links are kept, for every instance of the bridge. Each is in one use at a time, and whoever removes it is the only one to. */
export interface LinkStore {
  /** The owner's oldest beyond `most` give way: they are gone, and answered. */
  add(link: KeptLink, most: number): Promise<readonly EndedLink[]>
  find(key: string): Promise<KeptLink | undefined>
  all(): Promise<readonly KeptLink[]>
  /** `held`: it is in a use elsewhere, which is asked to end. `gone`: used up, over, or ended. */
  hold(key: string, use: string): Promise<LinkProgress | 'held' | 'gone'>
  /** Whether `use` still is the one that holds it. */
  isHeld(key: string, use: string): Promise<boolean>
  /** Ends the use, unless it was taken away. */
  release(key: string, use: string, progress: LinkProgress): Promise<void>
  /** Undefined: it was not there, or `use`, where one is given, does not hold it. */
  remove(key: string, use?: string): Promise<EndedLink | undefined>
  removeExpired(): Promise<readonly EndedLink[]>
  /** Hears of each link in use here that is asked for elsewhere, until the signal aborts. */
  follow(onWished: (key: string) => void, signal: AbortSignal): void
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
