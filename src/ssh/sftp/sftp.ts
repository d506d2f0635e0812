import type { FileType } from '../../domain/file.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** SFTP version 3 (draft-ietf-secsh-filexfer-02) with OpenSSH's extensions, as the rest of `ssh/` uses it. */

/** A string goes as UTF-8. Names are bytes: what a host listed is asked for by the very bytes that it gave. */
export type SftpPath = string | Buffer

/** What a host says of a file; each part may be missing. Times are seconds since 1970. */
export interface FileAttributes {
  readonly size?: number
  readonly uid?: number
  readonly gid?: number
  /** The whole `st_mode`: type bits and permission bits. */
  readonly mode?: number
  readonly accessedAtS?: number
  readonly modifiedAtS?: number
}

export interface DirectoryEntry {
  /** Bytes as the host sent them, hostile ones too: neither `.` and `..` nor a slash have been taken out. */
  readonly name: Buffer
  /** Of the entry itself, as by lstat. */
  readonly attributes: FileAttributes
  /** How many names the file has: from the line for people, where that has the form of `ls -l` (draft §7). */
  readonly linkCount?: number
}

export type OpenFlag = 'read' | 'write' | 'append' | 'create' | 'truncate' | 'exclusive'

/** An open file or directory of one session. */
export interface SftpHandle {
  readonly bytes: Buffer
}

/**
 * One SFTP session, lent to one caller at a time. Every request rejects with `SftpError`, and with nothing else; none waits longer than
 * its deadline, after which the session is given up. Several may be under way at once.
 */
export interface SftpSession {
  readonly host: HostName
  /** The fingerprint of the host key that was verified. */
  readonly hostKey: string
  /** The most bytes of one request. */
  readonly limits: { readonly readBytes: number; readonly writeBytes: number }
  /** Whether the server named the extension, e.g. `posix-rename@openssh.com`. */
  offers(extension: SftpExtension): boolean
  /** What the errors of this session bear. */
  readonly origin: object
  /** False once the connection is gone or the host broke the protocol: no request succeeds any more. */
  readonly isAlive: boolean

  open(path: SftpPath, flags: readonly OpenFlag[], attributes?: FileAttributes): Promise<SftpHandle>
  close(handle: SftpHandle): Promise<void>
  /** At most `length` bytes, possibly fewer before the end of the file too; undefined at its end. */
  read(handle: SftpHandle, offset: number, length: number): Promise<Buffer | undefined>
  /** The same without putting the pieces together as they came. Never an empty list. */
  readPieces(handle: SftpHandle, offset: number, length: number): Promise<readonly Buffer[] | undefined>
  /** Any length; longer data goes in several requests at once, so keep it to a window's worth. */
  write(handle: SftpHandle, offset: number, data: Buffer): Promise<void>
  /** At most `limits.writeBytes` in all, without putting them together. */
  writePieces(handle: SftpHandle, offset: number, data: readonly Buffer[]): Promise<void>

  stat(path: SftpPath): Promise<FileAttributes>
  lstat(path: SftpPath): Promise<FileAttributes>
  fstat(handle: SftpHandle): Promise<FileAttributes>
  setstat(path: SftpPath, attributes: FileAttributes): Promise<void>
  fsetstat(handle: SftpHandle, attributes: FileAttributes): Promise<void>
  /** Does not follow a symlink at the end. Needs `lsetstat@openssh.com`. */
  lsetstat(path: SftpPath, attributes: FileAttributes): Promise<void>

  opendir(path: SftpPath): Promise<SftpHandle>
  /** The next entries in the order of the host, at least one; undefined after the last. A hostile host never ends: count. */
  readdir(handle: SftpHandle): Promise<readonly DirectoryEntry[] | undefined>
  mkdir(path: SftpPath, attributes?: FileAttributes): Promise<void>
  rmdir(path: SftpPath): Promise<void>
  remove(path: SftpPath): Promise<void>

  /** Absolute, with every symlink resolved; of a path whose last part is missing that too. */
  realpath(path: SftpPath): Promise<Buffer>
  readlink(path: SftpPath): Promise<Buffer>
  /** Makes `link`, which says `target`. */
  symlink(target: SftpPath, link: SftpPath): Promise<void>
  /** Refused by OpenSSH when `to` exists. */
  rename(from: SftpPath, to: SftpPath): Promise<void>
  /** Atomically replaces what is at `to`. Needs `posix-rename@openssh.com`. */
  posixRename(from: SftpPath, to: SftpPath): Promise<void>
  /** Fails when `to` exists. Needs `hardlink@openssh.com`. */
  hardlink(from: SftpPath, to: SftpPath): Promise<void>
  /** Needs `fsync@openssh.com`. */
  fsync(handle: SftpHandle): Promise<void>

  /**
   * Gives the session back, exactly once and always. It is kept for a while for the next call, unless handles or requests are still
   * open or `how` says that it is not to be trusted.
   */
  release(how?: 'discard'): void
}

export const SFTP_EXTENSIONS = [
  'posix-rename@openssh.com',
  'hardlink@openssh.com',
  'fsync@openssh.com',
  'limits@openssh.com',
  'lsetstat@openssh.com',
] as const

export type SftpExtension = (typeof SFTP_EXTENSIONS)[number]

/**
 * A session on a host, a kept one where there is one. `sudo`: the server runs as root; a host that does not allow that answers
 * `not_supported`. Aborting `signal` gives up the opening; afterwards it has no say.
 */
export type OpenSftp = (
  where: { readonly owner: string; readonly host: HostName },
  target: HostTarget,
  options: { readonly sudo: boolean },
  signal: AbortSignal,
) => Promise<SftpSession | NotStarted>

/** The host's status codes in words, and what we found ourselves: `timed_out` and `protocol_broken` end the session. */
export type SftpErrorCode =
  | 'end_of_file'
  | 'no_such_file'
  | 'permission_denied'
  /** Whatever has no code of its own: exists already, no space, not empty, is a directory, read-only. Ask with stat. */
  | 'failure'
  | 'bad_message'
  | 'no_connection'
  /** Sent, and no answer will come: it may have been done. */
  | 'connection_lost'
  | 'unsupported'
  | 'timed_out'
  | 'protocol_broken'

/** Why a request failed. `hostMessage` is the host's own text, untrusted and cut to 200 characters without controls. */
export class SftpError extends Error {
  readonly code: SftpErrorCode
  readonly hostMessage: string | undefined
  /** Whose request it was, where several sessions are at work: compared with `SftpSession.origin`. */
  readonly origin: object | undefined

  constructor(code: SftpErrorCode, message: string, hostMessage?: string, origin?: object) {
    super(message)
    this.name = 'SftpError'
    this.code = code
    this.hostMessage = hostMessage
    this.origin = origin
  }
}

/** POSIX `S_IFMT` values. */
const TYPES: ReadonlyMap<number, FileType> = new Map([
  [0o010000, 'fifo'],
  [0o020000, 'device'],
  [0o040000, 'directory'],
  [0o060000, 'device'],
  [0o100000, 'file'],
  [0o120000, 'symlink'],
  [0o140000, 'socket'],
])

/** The type bits of `st_mode`. `other` also when the host did not say. */
export function fileType({ mode }: FileAttributes): FileType {
  return mode === undefined ? 'other' : (TYPES.get(mode & 0o170000) ?? 'other')
}

/** A caller's path for the host: `~` and `~/x` begin at the login's home, where a session begins. */
export function remotePath(path: string): string {
  if (path === '~' || path === '~/' || path === '') return '.'
  return path.startsWith('~/') ? path.slice(2).replace(/^\/+/, '') || '.' : path
}
