import { createHash } from 'node:crypto'
import { SftpError } from '../sftp/sftp.ts'
import { BlockReader } from './block-reader.ts'
import type { FileWork, Looking } from './file-deps.ts'
import { goOn } from './file-work.ts'
import { shownPath } from './names.ts'
import { Refusal } from './refusal.ts'
import { openRegular } from './regular-file.ts'

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** All of a regular file, when it is no longer than `maxBytes`; otherwise undefined. */
export async function wholeContent(at: Looking, path: Buffer, maxBytes: number): Promise<Buffer | undefined> {
  const { handle, before } = await openRegular(at, path, shownPath(path))
  try {
    if ((before.size ?? 0) > maxBytes) return undefined
    const blocks: Buffer[] = []
    let bytes = 0
    for await (const block of new BlockReader(at.sftp, handle).forward(0)) {
      goOn(at)
      bytes += block.length
      if (bytes > maxBytes) return undefined
      blocks.push(block)
    }
    return Buffer.concat(blocks)
  } finally {
    if (at.sftp.isAlive) await at.sftp.close(handle)
  }
}

/** The same, or undefined where the login may write the file and not read it. */
export async function contentIfReadable(
  at: Looking,
  path: Buffer,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    return await wholeContent(at, path, maxBytes)
  } catch (error) {
    if (error instanceof SftpError && error.code === 'permission_denied') return undefined
    throw error
  }
}

/** What a caller expected to be there, against what is. */
export function mustBeExpected(
  at: FileWork,
  path: string,
  expected: string | undefined,
  found: Buffer | undefined,
): void {
  if (expected === undefined) return
  const actual = found === undefined ? 'not there' : `of SHA-256 ${sha256Of(found)}`
  if (found === undefined || sha256Of(found) !== expected.toLowerCase())
    throw new Refusal(
      'file_changed',
      `${shownPath(path)} on ${at.host} is ${actual}, not as expected_sha256 says. Read it again. Nothing was changed.`,
    )
}
