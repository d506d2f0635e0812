import { open, stat } from 'node:fs/promises'
import type { Clock } from '../src/lib/clock.ts'
import { readAhead, sizeOf } from '../src/ssh/sftp/read-ahead.ts'
import type { SftpSession } from '../src/ssh/sftp/sftp.ts'
import { WriteBehind } from '../src/ssh/sftp/write-behind.ts'

/** How many pieces of the local file are read or written at once; ssh2 does as many as it has requests under way. */
const OVERLAP = 8

/** The two directions of a file over our SFTP client, as ssh2's fastGet and fastPut do them: from and to a file on this machine. */
export async function getFile(
  sftp: SftpSession,
  clock: Clock,
  remotePath: string,
  localPath: string,
): Promise<void> {
  const handle = await sftp.open(remotePath, ['read'])
  const file = await open(localPath, 'w')
  try {
    const { size = 0 } = await sftp.fstat(handle)
    const signal = new AbortController().signal
    let position = 0
    const writes: Promise<unknown>[] = []
    for await (const pieces of readAhead(sftp, handle, { offset: 0, endOffset: size, clock, signal })) {
      writes.push(file.writev([...pieces], position))
      position += sizeOf(pieces)
      if (writes.length >= OVERLAP) await writes.shift()
    }
    await Promise.all(writes)
  } finally {
    await file.close()
    await sftp.close(handle)
  }
}

export async function putFile(
  sftp: SftpSession,
  clock: Clock,
  localPath: string,
  remotePath: string,
): Promise<void> {
  const handle = await sftp.open(remotePath, ['write', 'create', 'truncate'])
  const file = await open(localPath, 'r')
  try {
    const { size } = await stat(localPath)
    const writer = new WriteBehind(sftp, handle, { offset: 0, clock })
    const { writeBytes } = sftp.limits
    const readAt = (at: number) => file.read(Buffer.allocUnsafe(writeBytes), 0, writeBytes, at)
    const reads = Array.from({ length: OVERLAP }, (_, index) => readAt(index * writeBytes))
    for (let at = 0; at < size; at += writeBytes) {
      const read = reads.shift()
      reads.push(readAt(at + OVERLAP * writeBytes))
      if (read === undefined) break
      const { bytesRead, buffer } = await read
      await writer.push([buffer.subarray(0, bytesRead)])
    }
    await Promise.all(reads)
    await writer.finish()
  } finally {
    await file.close()
    await sftp.close(handle)
  }
}
