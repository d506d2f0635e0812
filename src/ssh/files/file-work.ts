import type { FileOutcome } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { SftpError } from '../sftp/sftp.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { shownPath } from './names.ts'
import { type Doing, Refusal, refusalOf } from './refusal.ts'

type Trying = Pick<Doing, 'verb' | 'perhaps'>

interface Asked {
  readonly path: string
  readonly sudo: boolean
}

/**
 * Lends a session for one call and turns refusals into outcomes. Aborting `signal` is seen between steps: what a step has begun on the
 * host is brought to its end or taken back first.
 */
export async function fileWork(
  owner: string,
  asked: Asked,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
  trying: Trying,
  work: (at: FileWork) => Promise<FileOutcome>,
): Promise<FileOutcome | NotStarted> {
  const host = target.host.name
  const { sudo } = asked
  if (asked.path.includes('\0'))
    return new Refusal('bad_request', 'path holds a NUL; no file has such a name.').toOutcome()
  const sftp = await deps.openSftp({ owner, host }, target, { sudo }, signal)
  if ('kind' in sftp) return sftp
  try {
    const { mayTouch } = deps
    const done = await work({ host, target, owner, sudo, sftp, mayTouch, deps, signal })
    return { ...done, hostKey: sftp.hostKey }
  } catch (error) {
    if (error instanceof Refusal) return error.toOutcome()
    if (error instanceof SftpError) return refusalOf(error, doingTo(target, asked, trying)).toOutcome()
    throw error
  } finally {
    sftp.release()
  }
}

function doingTo(target: HostTarget, { path, sudo }: Asked, { verb, perhaps }: Trying): Doing {
  return {
    host: target.host.name,
    path: shownPath(path),
    verb,
    maySudo: target.sudo !== undefined && !sudo,
    ...(perhaps !== undefined && { perhaps }),
  }
}

/** Between two steps of a work: whoever asked does not wait any more. */
export function goOn({ host, signal }: Pick<FileWork, 'host' | 'signal'>): void {
  if (signal.aborted)
    throw new Refusal('host_unreachable', `The call on ${host} was called off. Nothing was changed.`)
}
