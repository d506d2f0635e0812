import type { MayTouch } from '../../domain/file.ts'
import type { HostName } from '../../domain/host.ts'
import { SftpError, type SftpSession } from '../sftp/sftp.ts'
import { joinPath, shownPath, splitPath } from './names.ts'
import { Refusal } from './refusal.ts'

/** Who looks for files where. */
export interface Reaching {
  readonly host: HostName
  readonly sftp: SftpSession
  /** Absent where no rules are configured: then every path is within reach. */
  readonly mayTouch: MayTouch | undefined
}

/** Deeper paths are no paths of files. */
const DEEPEST = 256

/**
 * The real path of what a caller named, once the rules have allowed that; everything after it goes by this path, and what became a symlink
 * in it meanwhile is refused. What is not there is decided by where it would be, so that nobody learns what is there and what not beyond
 * the rules. Without rules it is the path as it was asked for.
 */
export async function pathInReach(
  at: Reaching,
  path: string | Buffer,
  asked: string,
  { followsLast = true } = {},
): Promise<string | Buffer> {
  if (at.mayTouch === undefined) return path
  const [real, home] = await Promise.all([realOrNearest(at, path, followsLast), homeOf(at.sftp)])
  // guard: real-path-in-reach
  if (!at.mayTouch(placeAt(real, home))) throw outOfReach(at, asked)
  return real ?? path
}

/** Whether the rules let something be touched that is below a path within reach: itself, with no symlink on the way. */
export async function reachBelow(at: Reaching): Promise<(path: Buffer) => boolean> {
  const { mayTouch } = at
  if (mayTouch === undefined) return () => true
  const home = await homeOf(at.sftp)
  // guard: below-in-reach
  return (path) => mayTouch(placeAt(path, home))
}

/** What was opened by a path within reach is there still: no part of it has become a symlink. */
export async function mustStillBe(at: Reaching, path: string | Buffer, asked: string): Promise<void> {
  if (at.mayTouch === undefined || typeof path === 'string') return
  mustBeAsDecided(at, await at.sftp.realpath(path), path, asked)
}

/** `real` is found by a path within reach: it is that path, or a part of it has become a symlink. */
export function mustBeAsDecided(at: Reaching, real: Buffer, decided: string | Buffer, asked: string): void {
  if (at.mayTouch === undefined || typeof decided === 'string') return
  // guard: found-is-what-was-decided
  if (!real.equals(decided))
    throw new Refusal(
      'file_changed',
      `${shownPath(asked)} on ${at.host} leads somewhere else than a moment ago. Nothing was read or changed. Ask again.`,
    )
}

export function outOfReach({ host }: Pick<Reaching, 'host'>, asked: string): Refusal {
  return new Refusal(
    'forbidden',
    `The rules do not allow you this with what ${shownPath(asked)} on ${host} leads to.`,
  )
}

function placeAt(path: Buffer | undefined, home: Buffer | undefined) {
  return {
    ...(path !== undefined && { path: path.toString() }),
    ...(home !== undefined && { home: home.toString() }),
  }
}

/** Undefined where the server does not tell. */
async function realOrNearest(
  { sftp }: Reaching,
  path: string | Buffer,
  followsLast: boolean,
): Promise<Buffer | undefined> {
  let bytes: Buffer = Buffer.from(path)
  let missing: Buffer[] = []
  if (!followsLast) {
    const { directory, name } = splitPath(bytes)
    bytes = directory
    missing = [name]
  }
  while (missing.length < DEEPEST) {
    const real = await realOf(sftp, bytes)
    if (real !== 'missing') return real && missing.reduce((above, name) => joinPath(above, name), real)
    const { directory, name } = splitPath(bytes)
    // guard: no-dots-behind-what-is-missing
    if (directory.equals(bytes) || isDots(name)) return undefined
    missing.unshift(name)
    bytes = directory
  }
  return undefined
}

async function realOf(sftp: SftpSession, path: Buffer): Promise<Buffer | 'missing' | undefined> {
  try {
    return await sftp.realpath(path)
  } catch (error) {
    if (!(error instanceof SftpError) || !sftp.isAlive) throw error
    return error.code === 'no_such_file' ? 'missing' : undefined
  }
}

function isDots(name: Buffer): boolean {
  const text = name.toString('latin1')
  return text === '.' || text === '..'
}

const homes = new WeakMap<SftpSession, Promise<Buffer | undefined>>()

/** Where sessions of the login begin. Asked once of each. */
function homeOf(sftp: SftpSession): Promise<Buffer | undefined> {
  const known =
    homes.get(sftp) ?? realOf(sftp, Buffer.from('.')).then((home) => (home === 'missing' ? undefined : home))
  homes.set(sftp, known)
  return known
}
