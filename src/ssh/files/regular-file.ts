import type { FileType } from '../../domain/file.ts'
import { type FileAttributes, fileType, SftpError, type SftpHandle } from '../sftp/sftp.ts'
import { shownPath } from './names.ts'
import { mustStillBe, type Reaching } from './reach.ts'
import { Refusal } from './refusal.ts'

export interface OpenedFile {
  readonly handle: SftpHandle
  /** As it was when it had been opened. */
  readonly before: FileAttributes
  readonly realPath: Buffer
}

/**
 * Opens a regular file for reading. Asked for its type first, because opening a FIFO waits for a writer and opening a device may do
 * something; and again when it is open, because it may have been swapped in between.
 */
export async function openRegular(at: Reaching, path: string | Buffer, asked: string): Promise<OpenedFile> {
  const { sftp, host } = at
  const [attributes, realPath] = await Promise.all([sftp.stat(path), realPathOf(sftp.realpath(path), path)])
  mustBeRegular(attributes, asked, host)
  const handle = await sftp.open(path, ['read'])
  const [before] = await Promise.all([sftp.fstat(handle), mustStillBe(at, path, asked)])
  mustBeRegular(before, asked, host)
  return { handle, before, realPath }
}

export function mustBeRegular(attributes: FileAttributes, asked: string, host: string): void {
  const type = fileType(attributes)
  if (type !== 'file') throw new Refusal('file_failed', `${shownPath(asked)} on ${host} is ${NAMES[type]}`)
}

const NAMES: Readonly<Record<Exclude<FileType, 'file'>, string>> = {
  directory: 'a directory. Use list_directory.',
  symlink: 'a symlink that leads to no file.',
  fifo: 'a FIFO, not a regular file; reading it could wait for ever.',
  socket: 'a socket, not a regular file.',
  device: 'a device, not a regular file.',
  other: 'not a regular file.',
}

/** Only told, never relied on: a server that cannot say it is still read. */
async function realPathOf(answer: Promise<Buffer>, path: string | Buffer): Promise<Buffer> {
  return answer.catch((error: unknown) => {
    if (error instanceof SftpError) return Buffer.from(path)
    throw error
  })
}
