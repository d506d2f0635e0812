import type { HostName } from './host.ts'

/** What is asked of files on a host. Paths are absolute or begin with `~/`; relative ones begin at the login's home. */
export type FileAction =
  | ReadFileAction
  | ListDirectoryAction
  | WriteFileAction
  | EditFileAction
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

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'device' | 'other'

export interface FileEntry {
  readonly name: string
  readonly type: FileType
  readonly bytes: number
  /** Permission bits, as 0o644. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedAt: Date
  readonly linkTarget?: string
}

export type FileOutcome =
  | {
      readonly kind: 'file_read'
      readonly host: HostName
      readonly path: string
      readonly encoding: 'text' | 'base64'
      readonly content: string
      /** Of the whole file; what is given begins at `offset` and is `length` bytes long. */
      readonly bytes: number
      readonly offset: number
      readonly length: number
      /** With a range of lines: the first one given, and how many the file has when that is known. */
      readonly firstLine?: number
      readonly lines?: number
      readonly hasMore: boolean
      /** Of the whole file, when it was read whole. */
      readonly sha256?: string
      readonly mode: number
      readonly modifiedAt: Date
    }
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
      readonly path: string
      readonly change: 'created' | 'replaced' | 'unchanged'
      readonly dryRun: boolean
      readonly bytes: number
      readonly sha256: string
      /** Of what was there before. */
      readonly previousSha256?: string
      /** Unified diff of text; absent for binary or very long files. */
      readonly diff?: string
      readonly diffTruncated: boolean
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
    }
  | {
      readonly kind: 'link_made'
      readonly direction: 'download' | 'upload'
      readonly url: string
      readonly expiresAt: Date
      readonly bytes?: number
    }
