import { shownPath } from './names.ts'
import { reachBelow } from './reach.ts'
import { below, NOT_ALLOWED, type Tree, type TreeEntry } from './transfer-listing.ts'
import type { TransferSide } from './transfer-part.ts'

/** The part of a tree that the rules let be written at its place; what is left out is told. */
export async function treeInReach(tree: Tree, to: TransferSide, toPath: Buffer): Promise<Tree> {
  const mayWrite = await reachBelow(to)
  const leftOut: string[] = []
  // Each directory comes before what is in it.
  const isInReach = ({ path }: TreeEntry) => {
    const name = path.toString('latin1')
    const isBelowLeftOut = leftOut.some((directory) => name.startsWith(`${directory}/`))
    if (!isBelowLeftOut && mayWrite(below(toPath, path))) return true
    leftOut.push(name)
    return false
  }
  const [directories, files, links] = [
    tree.directories.filter(isInReach),
    tree.files.filter(isInReach),
    tree.links.filter(isInReach),
  ]
  const skipped = leftOut.map((name) => ({
    path: shownPath(Buffer.from(name, 'latin1')),
    reason: NOT_ALLOWED,
  }))
  return { directories, files, links, skipped: [...tree.skipped, ...skipped] }
}
