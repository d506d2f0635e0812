import type { FileEntry, FileOutcome, ListDirectoryAction } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { type DirectoryEntry, fileType, remotePath, SftpError } from '../sftp/sftp.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork, goOn } from './file-work.ts'
import { isSafeName, joinPath, type ShownName, shownName, shownPath } from './names.ts'
import { pathInReach, reachBelow } from './reach.ts'
import { Refusal } from './refusal.ts'

/** Of one listing, all directories together: the work and the memory of one call. */
const MOST_ENTRIES = 50_000
const MOST_UNREADABLE = 100
/** Links asked for at a time. */
const LINKS_AT_ONCE = 32

/** An entry with the bytes by which it can be asked for. `shown`: behind the names of the directories above it. */
interface Found {
  readonly entry: DirectoryEntry
  readonly path: Buffer
  readonly shown: ShownName
}

interface Listing {
  readonly found: Found[]
  readonly unreadable: { readonly path: string; readonly reason: string }[]
  isIncomplete: boolean
}

/**
 * Lists a directory, sorted and by the page. Symlinks are told with their target and never followed, so a tree ends; a name that no
 * directory can hold is shown in escapes and never asked for.
 */
export function listDirectory(
  owner: string,
  action: ListDirectoryAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  return fileWork(owner, action, target, deps, signal, { verb: 'list' }, (at) => list(at, action))
}

async function list(at: FileWork, action: ListDirectoryAction): Promise<FileOutcome> {
  const { sftp, host } = at
  const path = await pathInReach(at, remotePath(action.path), action.path)
  const [attributes, root] = await Promise.all([sftp.stat(path), sftp.realpath(path)])
  if (fileType(attributes) !== 'directory')
    throw new Refusal(
      'file_failed',
      `${shownPath(action.path)} on ${host} is not a directory. Use read_file.`,
    )

  const listing: Listing = { found: [], unreadable: [], isIncomplete: false }
  // By the path that was decided, where it was: it may have become a symlink since.
  await readInto(at, typeof path === 'string' ? root : path, undefined, listing).catch((error: unknown) => {
    if (!(error instanceof BecameLink)) throw error
    throw new Refusal(
      'file_changed',
      `${shownPath(action.path)} on ${host} became a symlink meanwhile. Ask again.`,
    )
  })
  await goBelow(at, action.depth, listing)

  const sorted = [...listing.found].sort(order(action))
  const page = sorted.slice(action.offset, action.offset + action.limit)
  return {
    kind: 'directory_listed',
    host,
    path: shownPath(root),
    entries: await described(at, page),
    total: sorted.length,
    offset: action.offset,
    unreadable: listing.unreadable,
    isIncomplete: listing.isIncomplete,
  }
}

async function goBelow(at: FileWork, depth: number, listing: Listing): Promise<void> {
  const isInReach = await reachBelow(at)
  let [level, from] = [1, 0]
  while (level < depth) {
    const until = listing.found.length
    for (const { entry, path, shown } of listing.found.slice(from, until)) {
      // By its own attributes: a symlink to a directory is a symlink.
      if (listing.isIncomplete || fileType(entry.attributes) !== 'directory' || !isSafeName(entry.name))
        continue
      const leaveOut = (reason: string) => {
        if (listing.unreadable.length < MOST_UNREADABLE) listing.unreadable.push({ path: shown.name, reason })
      }
      if (!isInReach(path)) {
        leaveOut('the rules do not allow it')
        continue
      }
      await readInto(at, path, shown, listing).catch((error: unknown) => {
        if (!at.sftp.isAlive || !(error instanceof SftpError || error instanceof BecameLink)) throw error
        leaveOut(reasonOf(error))
      })
    }
    if (listing.isIncomplete || until === listing.found.length) return
    from = until
    level += 1
  }
}

async function readInto(
  at: FileWork,
  directory: Buffer,
  above: ShownName | undefined,
  listing: Listing,
): Promise<void> {
  const [handle, real] = await Promise.all([at.sftp.opendir(directory), at.sftp.realpath(directory)])
  try {
    if (!real.equals(directory)) throw new BecameLink()
    for (;;) {
      goOn(at)
      const entries = await at.sftp.readdir(handle)
      if (entries === undefined) return
      for (const entry of entries) {
        if (isSelfOrParent(entry.name)) continue
        if (listing.found.length >= MOST_ENTRIES) {
          listing.isIncomplete = true
          return
        }
        const shown = shownBelow(above, entry.name)
        listing.found.push({ entry, path: joinPath(directory, entry.name), shown })
      }
    }
  } finally {
    if (at.sftp.isAlive) await at.sftp.close(handle).catch(() => undefined)
  }
}

/** What stands below a directory that cannot be asked for cannot be asked for either. */
function shownBelow(above: ShownName | undefined, entryName: Buffer): ShownName {
  const { name, isEscaped } = shownName(entryName)
  if (above === undefined) return { name, isEscaped }
  return { name: `${above.name}/${name}`, isEscaped: above.isEscaped || isEscaped }
}

/** A directory was swapped for a symlink between its listing and its own. */
class BecameLink extends Error {}

function isSelfOrParent(name: Buffer): boolean {
  return name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))
}

function reasonOf(error: SftpError | BecameLink): string {
  if (error instanceof BecameLink) return 'it became a symlink meanwhile'
  const { code } = error
  if (code === 'permission_denied') return 'permission denied'
  return code === 'no_such_file' ? 'it went away meanwhile' : 'the host refused'
}

function order({ sort, descending }: ListDirectoryAction): (a: Found, b: Found) => number {
  const sign = descending ? -1 : 1
  // Bytes, not locale: the same order on every machine and every page.
  const byName = (a: Found, b: Found) => Buffer.compare(a.path, b.path)
  const key = ({ entry: { attributes } }: Found) =>
    (sort === 'size' ? attributes.size : attributes.modifiedAtS) ?? 0
  if (sort === 'name') return (a, b) => sign * byName(a, b)
  return (a, b) => sign * (key(a) - key(b)) || byName(a, b)
}

async function described(at: FileWork, page: readonly Found[]): Promise<FileEntry[]> {
  const entries: FileEntry[] = []
  for (let from = 0; from < page.length; from += LINKS_AT_ONCE) {
    goOn(at)
    entries.push(
      ...(await Promise.all(page.slice(from, from + LINKS_AT_ONCE).map((found) => describe(at, found)))),
    )
  }
  return entries
}

async function describe({ sftp }: FileWork, { entry, path, shown }: Found): Promise<FileEntry> {
  const { name, attributes } = entry
  const type = fileType(attributes)
  const link =
    type === 'symlink' && isSafeName(name) ? await sftp.readlink(path).catch(() => undefined) : undefined
  return {
    name: shown.name,
    ...(shown.isEscaped && { isEscaped: true }),
    type,
    bytes: attributes.size ?? 0,
    mode: (attributes.mode ?? 0) & 0o7777,
    uid: attributes.uid ?? 0,
    gid: attributes.gid ?? 0,
    modifiedAt: new Date((attributes.modifiedAtS ?? 0) * 1000),
    ...(link !== undefined && { linkTarget: shownPath(link) }),
  }
}
