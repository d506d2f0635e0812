import type { HostName } from '../../domain/host.ts'
import { randomHex } from '../../lib/ids.ts'
import { SftpError, type SftpSession } from '../sftp/sftp.ts'
import { joinPath } from './names.ts'

/** How many are remembered of one owner on one host; older ones are forgotten and stay. */
const MOST_REMEMBERED = 100

/** A name in the same directory that nobody can know beforehand and everybody can recognise. */
export function temporaryPath(directory: Buffer): Buffer {
  return joinPath(directory, `.ssh-mcp-bridge-${randomHex()}.tmp`)
}

/** Temporary files that a lost connection left on hosts: removed when the same owner next works there in the same role. */
export class Leftovers {
  readonly #known = new Map<string, Set<string>>()

  note(where: Where, path: Buffer): void {
    const key = keyOf(where)
    const paths = this.#known.get(key) ?? new Set()
    paths.add(path.toString('latin1'))
    for (const oldest of paths) {
      if (paths.size <= MOST_REMEMBERED) break
      paths.delete(oldest)
    }
    this.#known.set(key, paths)
  }

  /** Best effort: what cannot be removed for another reason than a lost connection is somebody else's by now. */
  async remove(where: Where, sftp: SftpSession): Promise<void> {
    const key = keyOf(where)
    const paths = this.#known.get(key)
    if (paths === undefined) return
    this.#known.delete(key)
    for (const path of paths) {
      const failed = await removeQuietly(sftp, Buffer.from(path, 'latin1'))
      if (failed && !sftp.isAlive) this.note(where, Buffer.from(path, 'latin1'))
    }
  }
}

export interface Where {
  readonly owner: string
  readonly host: HostName
  readonly sudo: boolean
}

/** True when it may still be there. */
export async function removeQuietly(sftp: SftpSession, path: Buffer): Promise<boolean> {
  try {
    await sftp.remove(path)
    return false
  } catch (error) {
    if (!(error instanceof SftpError)) throw error
    return error.code !== 'no_such_file'
  }
}

function keyOf({ owner, host, sudo }: Where): string {
  return `${owner}\n${host}\n${sudo}`
}
