import { createHash } from 'node:crypto'
import { type FileAttributes, fileType, SftpError } from '../sftp/sftp.ts'
import { shownPath } from './names.ts'
import { ifThere, Refusal } from './refusal.ts'
import { type CopyDeps, copyFile } from './transfer-copy.ts'
import { below, listTree, type Skipped, type Tree, type TreeEntry } from './transfer-listing.ts'
import type { TransferSide } from './transfer-part.ts'
import { treeInReach } from './transfer-reach.ts'

/** Files under way at once: a small file is all waiting, for eight round trips. */
const AT_ONCE = 8
/** Each; all together hold as much as one large file. */
const WINDOW_BYTES = 512 * 1024
/** For as long as it is filled; then it gets the mode of the one it is a copy of. */
const MODE_WHILE_FILLED = 0o700

export interface TreeOrder {
  readonly from: TransferSide
  /** Real paths. */
  readonly fromPath: Buffer
  readonly attributes: FileAttributes
  readonly to: TransferSide
  readonly toPath: Buffer
  readonly overwrite: boolean
  readonly resume: boolean
}

export interface CopiedTree {
  readonly files: number
  readonly directories: number
  readonly bytes: number
  readonly resumedBytes: number
  readonly sha256: string
  readonly skipped: readonly Skipped[]
}

/**
 * Copies a directory: first what there is is listed, then directories are made, files copied, links made, and at last the directories get
 * their modes. Each file is whole or not there; the whole is not one step. Links are made after files, so none is ever written through.
 */
export async function copyTree(
  order: TreeOrder,
  deps: CopyDeps & { readonly onTotal: (bytes: number) => void },
): Promise<CopiedTree> {
  const { from, fromPath, attributes, to, toPath, overwrite, resume } = order
  if (!overwrite && !resume && (await ifThere(to.sftp.lstat(toPath))) !== undefined)
    throw new Refusal(
      'file_exists',
      `${shownPath(toPath)} is on ${to.host} already. overwrite: true writes into it. Nothing was changed.`,
    )
  const tree = await treeInReach(await listTree(from, fromPath, attributes, deps.signal), to, toPath)
  deps.onTotal(tree.files.reduce((sum, file) => sum + (file.attributes.size ?? 0), 0))

  const skipped: Skipped[] = [...tree.skipped]
  const skip = (path: Buffer, reason: string) => skipped.push({ path: shownPath(path), reason })
  const made = await makeDirectories(order, tree)
  const lines: string[] = []
  let [bytes, resumedBytes, files] = [0, 0, 0]
  await inParallel(tree.files, AT_ONCE, async (file) => {
    deps.signal.throwIfAborted()
    try {
      const copied = await copyFile(
        {
          from,
          fromPath: below(fromPath, file.path),
          attributes: file.attributes,
          to,
          toPath: below(toPath, file.path),
          overwrite,
          resume,
          windowBytes: WINDOW_BYTES,
        },
        deps,
      )
      files += 1
      bytes += copied.bytes
      resumedBytes += copied.resumedBytes
      lines.push(`${copied.sha256}  ${file.path.toString('latin1')}\n`)
    } catch (error) {
      // What cannot be read is named, and the rest goes on; what cannot be written ends it.
      const isUnreadable =
        error instanceof SftpError && error.origin === from.sftp.origin && from.sftp.isAlive
      if (error instanceof Refusal && error.code === 'file_changed')
        skip(file.path, 'it changed while it was read')
      else if (isUnreadable) skip(file.path, `it cannot be read: ${error.message}`)
      else throw error
    }
  })
  for (const link of tree.links) await makeLink(order, link, skip)
  for (const { path, attributes: own } of [...made].reverse())
    await to.sftp.setstat(below(toPath, path), { mode: (own.mode ?? 0o755) & 0o777 })
  const sha256 = createHash('sha256').update(lines.sort(byPath).join(''), 'latin1').digest('hex')
  return { files, directories: tree.directories.length, bytes, resumedBytes, sha256, skipped }
}

/** Those that were not there before. A symlink in the place of a directory would lead what is written somewhere else. */
async function makeDirectories({ to, toPath }: TreeOrder, { directories }: Tree): Promise<TreeEntry[]> {
  const made: TreeEntry[] = []
  for (const directory of directories) {
    const path = below(toPath, directory.path)
    const there = await ifThere(to.sftp.lstat(path))
    if (there === undefined) {
      await to.sftp.mkdir(path, { mode: MODE_WHILE_FILLED })
      made.push(directory)
    } else if (fileType(there) !== 'directory')
      throw new Refusal(
        'file_exists',
        `${shownPath(path)} on ${to.host} is a ${fileType(there)} where a directory has to be. It was left as it is.`,
      )
  }
  return made
}

async function makeLink(
  { to, toPath, overwrite }: TreeOrder,
  link: Tree['links'][number],
  skip: (path: Buffer, reason: string) => void,
): Promise<void> {
  const path = below(toPath, link.path)
  const there = await ifThere(to.sftp.lstat(path))
  if (there !== undefined) {
    const isSame = fileType(there) === 'symlink' && (await to.sftp.readlink(path)).equals(link.target)
    if (isSame) return
    if (!overwrite || fileType(there) !== 'symlink') return skip(link.path, 'something else is in its place')
    await to.sftp.remove(path)
  }
  await to.sftp.symlink(link.target, path)
}

/** The first failure ends it, once what was under way has settled. */
async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  let failure: { readonly error: unknown } | undefined
  const worker = async () => {
    for (const item of rest) {
      if (failure !== undefined) return
      await work(item).catch((error: unknown) => {
        failure ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error
}

/** As `sha256sum` would list them, by the bytes of their names. */
function byPath(one: string, other: string): number {
  const [a, b] = [one.slice(66), other.slice(66)]
  return a < b ? -1 : a > b ? 1 : 0
}
