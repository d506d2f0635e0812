import type { ChangeId, PlaceState } from './change.ts'
import type { HostName } from './host.ts'

/** What is asked of files on a host. Paths are absolute or begin with `~/`; relative ones begin at the login's home. */
export type FileAction =
  | ReadFileAction
  | ListDirectoryAction
  | WriteFileAction
  | EditFileAction
  | RestoreFileAction
  | TransferFileAction

interface OnFile {
  readonly host: HostName
  readonly path: string
  /** As root, where the host allows it. */
  readonly sudo: boolean
}

/** Bytes, lines, or the end of a file. Lines count from 1. */
export type FileRange =
  | { readonly by: 'bytes'; readonly offset: number; readonly length: number }
  | { readonly by: 'lines'; readonly first: number; readonly count: number }
  | { readonly by: 'tail'; readonly lines: number }

export interface ReadFileAction extends OnFile {
  readonly kind: 'read_file'
  readonly range?: FileRange
  /** `auto`: text where it is UTF-8 without NUL, else base64. */
  readonly encoding: 'auto' | 'text' | 'base64'
}

export interface ListDirectoryAction extends OnFile {
  readonly kind: 'list_directory'
  readonly sort: 'name' | 'size' | 'modified'
  readonly descending: boolean
  /** 1: the directory's own entries; more goes below. */
  readonly depth: number
  readonly offset: number
  readonly limit: number
}

export interface WriteFileAction extends OnFile {
  readonly kind: 'write_file'
  /** The audit keeps its digest and length, never the bytes. */
  readonly content: Buffer
  /** Permission bits of a new file; those of a file that is replaced are kept unless given. */
  readonly mode?: number
  /** Lower-case hex of what must be there now; anything else is refused and nothing changed. */
  readonly expectedSha256?: string
  readonly createOnly: boolean
  readonly createDirectories: boolean
  readonly dryRun: boolean
}

export interface EditFileAction extends OnFile {
  readonly kind: 'edit_file'
  readonly change:
    | { readonly by: 'replacements'; readonly edits: readonly Replacement[] }
    | { readonly by: 'patch'; readonly patch: string }
  readonly expectedSha256?: string
  readonly dryRun: boolean
}

/** `oldText` must stand in the file exactly once, unless `all`. */
export interface Replacement {
  readonly oldText: string
  readonly newText: string
  readonly all: boolean
}

/** Puts back what was at the path before a change, if what the change left is still there. Made by `undo_change`, by no caller. */
export interface RestoreFileAction extends OnFile {
  readonly kind: 'restore_file'
  readonly undoes: ChangeId
  /** What must be there now; anything else is refused and nothing changed. */
  readonly expected: PlaceState
  readonly before: PlaceState
  /** Of the file that was there before. */
  readonly content?: Buffer
  readonly dryRun: boolean
}

export type TransferEnd =
  | { readonly kind: 'host'; readonly host: HostName; readonly path: string; readonly sudo: boolean }
  /** A short-lived address at which a person or program fetches or puts the bytes. */
  | { readonly kind: 'link' }

export interface TransferFileAction {
  readonly kind: 'transfer_file'
  readonly from: TransferEnd
  readonly to: TransferEnd
  readonly recursive: boolean
  readonly overwrite: boolean
  /** Go on where an earlier transfer of the same file stopped. */
  readonly resume: boolean
  readonly timeoutMs: number
}

/** Where something is that a call asked for: by its real path, unless the host does not tell. `home`: where `~/` is. */
export interface RealPlace {
  readonly path?: string
  readonly home?: string
}

/** What the rules say to that call there, now. */
export type MayTouch = (place: RealPlace) => boolean

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'device' | 'other'

export interface FileEntry {
  /** As it is; below the first level with the directories that lead to it. */
  readonly name: string
  /** The name holds control characters, a slash, or bytes that are not UTF-8: it is shown with `\x1b` and cannot be asked for. */
  readonly isEscaped?: true
  readonly type: FileType
  readonly bytes: number
  /** Permission bits, as 0o644. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedAt: Date
  readonly linkTarget?: string
}

/** A stretch of a file as it is: `window` from `start` to `end`, with what surrounds it, so that no secret is cut in two unseen. */
export interface FilePiece {
  readonly window: Buffer
  readonly start: number
  readonly end: number
  /** Bytes between this piece and the next one: of a line that is too long to be given whole. */
  readonly leftOutBytes: number
}

export interface FileRead {
  readonly kind: 'file_read'
  readonly host: HostName
  /** With every symlink resolved, where the host tells. */
  readonly path: string
  readonly encoding: 'text' | 'base64'
  readonly pieces: readonly FilePiece[]
  /** Of the whole file; what is given begins at `offset` and is `length` bytes long: the next page begins at their sum. */
  readonly bytes: number
  readonly offset: number
  readonly length: number
  /** With a range of lines: the first one given, how many are, and how many the file has when that is known. */
  readonly firstLine?: number
  readonly lineCount?: number
  readonly lines?: number
  /** There is more behind what is given. */
  readonly hasMore: boolean
  /** Of the whole file, when it was read whole. */
  readonly sha256?: string
  readonly mode: number
  readonly modifiedAt: Date
  /** In words, why others than root and the login may have written it; absent when they may not, as far as mode and owner tell. */
  readonly foreign?: string
  /** Something wrote to it meanwhile: what is given may be of two states. */
  readonly changed?: 'grew' | 'shrank' | 'rewritten'
}

/** What the caller gets of a file: text, or base64 of the bytes. */
export type FileReadAnswer = Omit<FileRead, 'pieces'> & {
  readonly content: string
  /** Lines of which the end was left out. */
  readonly cutLines: number
}

/** `hostKey`: the fingerprint of the host key that was verified, for the audit. */
export type FileOutcome = FileResult & { readonly hostKey?: string }

export type FileResult =
  | FileRead
  | {
      readonly kind: 'directory_listed'
      readonly host: HostName
      readonly path: string
      readonly entries: readonly FileEntry[]
      readonly total: number
      readonly offset: number
      /** Below directories that could not be read, with why. */
      readonly unreadable: readonly { readonly path: string; readonly reason: string }[]
      /** The listing was given up at the most entries that are looked at; `total` is then that number. */
      readonly isIncomplete: boolean
    }
  | {
      readonly kind: 'file_changed'
      readonly host: HostName
      /** With every symlink resolved: where the bytes are. */
      readonly path: string
      readonly change: 'created' | 'replaced' | 'removed' | 'unchanged'
      readonly dryRun: boolean
      readonly bytes: number
      /** Absent where nothing is there now. */
      readonly sha256?: string
      /** Of what was there before. */
      readonly previousSha256?: string
      /** Unified diff of text; absent for binary or very long files. */
      readonly diff?: string
      readonly diffTruncated: boolean
      /** By which it can be undone; absent where it cannot. */
      readonly changeId?: ChangeId
      /** The change that it took back. */
      readonly undoes?: ChangeId
      /** What else is to be known of the way it went. */
      readonly note?: string
    }
  /** The connection was lost at the very moment of the change: it may have been made. */
  | {
      readonly kind: 'file_unknown'
      readonly host: HostName
      readonly path: string
      readonly reason: string
      readonly changeId?: ChangeId
    }
  | {
      readonly kind: 'transferred'
      readonly files: number
      readonly directories: number
      readonly bytes: number
      /** Bytes that were there from an earlier transfer. */
      readonly resumedBytes: number
      /** Of the file, or of a listing `sha256  path` of all files of a directory. */
      readonly sha256: string
      readonly skipped: readonly { readonly path: string; readonly reason: string }[]
      readonly durationMs: number
      /** Of one file: by which it can be undone. */
      readonly changeId?: ChangeId
      readonly note?: string
    }
  | {
      readonly kind: 'link_made'
      readonly direction: 'download' | 'upload'
      readonly url: string
      readonly expiresAt: Date
      readonly bytes?: number
    }

export type FileAnswer = Exclude<FileResult, FileRead | { readonly kind: 'file_unknown' }> | FileReadAnswer
