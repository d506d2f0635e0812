import { posix } from 'node:path'
import { type FileAttributes, fileType, SftpError } from '../sftp/sftp.ts'
import { isSafeName, joinPath, shownName, shownPath } from './names.ts'
import { reachBelow } from './reach.ts'
import { Refusal } from './refusal.ts'
import type { TransferSide } from './transfer-part.ts'

/** More is no transfer but a backup, and would have to be held in memory. */
const MOST_ENTRIES = 50_000
const DEEPEST = 64

/** Something below the directory that is transferred. `path` is relative to it and was made of safe names only. */
export interface TreeEntry {
  readonly path: Buffer
  readonly attributes: FileAttributes
}

export interface LinkEntry extends TreeEntry {
  readonly target: Buffer
}

export interface Tree {
  /** Each after the one that holds it; the first is the directory itself, with an empty path. */
  readonly directories: readonly TreeEntry[]
  readonly files: readonly TreeEntry[]
  readonly links: readonly LinkEntry[]
  readonly skipped: readonly Skipped[]
}

export interface Skipped {
  readonly path: string
  readonly reason: string
}

/**
 * What is below a directory, and what of it is not transferred and why. No symlink is followed: a directory is entered only when its real
 * path is the one that its parents' names make up, so that one that is swapped for a link in between is seen.
 */
export async function listTree(
  side: TransferSide,
  root: Buffer,
  attributes: FileAttributes,
  signal: AbortSignal,
): Promise<Tree> {
  const { sftp, host } = side
  const tree: Growing = {
    directories: [{ path: Buffer.alloc(0), attributes }],
    files: [],
    links: [],
    skipped: [],
  }
  const isInReach = await reachBelow(side)
  const names = new Set<string>()
  let seen = 0
  for (let next = 0; next < tree.directories.length; next += 1) {
    const directory = tree.directories[next]
    if (directory === undefined) break
    signal.throwIfAborted()
    const absolute = below(root, directory.path)
    const skip = (path: Buffer, reason: string) => tree.skipped.push({ path: shownPath(path), reason })
    try {
      if (!(await sftp.realpath(absolute)).equals(absolute)) {
        skip(directory.path, 'it is a symlink by now')
        continue
      }
      const handle = await sftp.opendir(absolute)
      for (;;) {
        const entries = await sftp.readdir(handle)
        if (entries === undefined) break
        seen += entries.length
        if (seen > MOST_ENTRIES)
          throw new Refusal(
            'payload_too_large',
            `${shownPath(root)} on ${host} holds more than ${MOST_ENTRIES} entries. Transfer parts of it, or an archive. Nothing was changed.`,
          )
        for (const { name, attributes: own } of entries) {
          if (name.equals(DOT) || name.equals(DOTS)) continue
          const path = directory.path.length === 0 ? name : joinPath(directory.path, name)
          // A host that lists a name twice would have two copies write to one place.
          const key = path.toString('latin1')
          if (names.has(key)) continue
          names.add(key)
          if (!isSafeName(name))
            tree.skipped.push({
              path: shownName(name).name,
              reason: 'its name leads out of its directory',
            })
          else if (!isInReach(below(root, path))) skip(path, NOT_ALLOWED)
          else await sortOrSkip(side, root, { path, attributes: own }, tree, skip)
        }
      }
      await sftp.close(handle)
    } catch (error) {
      if (!(error instanceof SftpError) || !sftp.isAlive || next === 0) throw error
      skip(directory.path, `it cannot be listed: ${error.message}`)
    }
  }
  return tree
}

/** Why something of a tree was left out. */
export const NOT_ALLOWED = 'the rules do not allow it'

interface Growing extends Tree {
  readonly directories: TreeEntry[]
  readonly files: TreeEntry[]
  readonly links: LinkEntry[]
  readonly skipped: Skipped[]
}

const DOT = Buffer.from('.')
const DOTS = Buffer.from('..')

/** It may be gone since it was listed, or never have been there. */
async function sortOrSkip(...asked: Parameters<typeof sort>): Promise<void> {
  try {
    await sort(...asked)
  } catch (error) {
    const [{ sftp }, , { path }, , skip] = asked
    if (!(error instanceof SftpError) || !sftp.isAlive) throw error
    skip(path, `it cannot be looked at: ${error.message}`)
  }
}

async function sort(
  { sftp }: TransferSide,
  root: Buffer,
  listed: TreeEntry,
  tree: Growing,
  skip: (path: Buffer, reason: string) => void,
): Promise<void> {
  const { path } = listed
  // Not every server tells all of it in its listings.
  const { mode, uid, size } = listed.attributes
  const isWhole = mode !== undefined && uid !== undefined && size !== undefined
  const entry = isWhole ? listed : { path, attributes: await sftp.lstat(below(root, path)) }
  const type = fileType(entry.attributes)
  switch (type) {
    case 'file':
      tree.files.push(entry)
      break
    case 'directory':
      if (path.filter((byte) => byte === 0x2f).length < DEEPEST) tree.directories.push(entry)
      else skip(path, `it is deeper than ${DEEPEST} directories`)
      break
    case 'symlink': {
      const target = await sftp.readlink(below(root, path))
      if (staysInside(path, target)) tree.links.push({ ...entry, target })
      else skip(path, 'it is a symlink that leads out of the directory')
      break
    }
    default:
      skip(path, `it is a ${type}`)
  }
}

/** Relative, and never above the directory that is transferred on its way. */
function staysInside(link: Buffer, target: Buffer): boolean {
  const text = target.toString('latin1')
  if (text === '' || text.startsWith('/') || text.includes('\0')) return false
  let depth = posix.dirname(link.toString('latin1')).split('/').filter(isName).length
  for (const part of text.split('/')) {
    if (part === '..') depth -= 1
    else if (isName(part)) depth += 1
    if (depth < 0) return false
  }
  return true
}

function isName(part: string): boolean {
  return part !== '' && part !== '.'
}

/** `path` below `root`; `root` itself where it is empty. */
export function below(root: Buffer, path: Buffer): Buffer {
  return path.length === 0 ? root : joinPath(root, path)
}
