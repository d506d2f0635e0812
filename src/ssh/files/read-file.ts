import { createHash } from 'node:crypto'
import type { FileOutcome, FilePiece, FileRead, ReadFileAction } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { never } from '../../lib/never.ts'
import { type FileAttributes, remotePath } from '../sftp/sftp.ts'
import { BlockReader } from './block-reader.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork, goOn } from './file-work.ts'
import { foreignTo } from './foreign.ts'
import { findLines, findTail, type Lines, type PageBudget } from './line-range.ts'
import { shownPath } from './names.ts'
import { atCharacters, bytesOf, isText, linePieces, pieceAt } from './pieces.ts'
import { pathInReach } from './reach.ts'
import { Refusal } from './refusal.ts'
import { openRegular } from './regular-file.ts'

/** What was found of the file: the pieces and where they stand in it. */
type Page = Pick<FileRead, 'encoding' | 'pieces' | 'offset' | 'length' | 'hasMore'> &
  Partial<Pick<FileRead, 'firstLine' | 'lineCount' | 'lines'>>

/** Of one line in a page of lines. */
const LONGEST_LINE = 16 * 1024

/**
 * Reads a part of a regular file: bytes, lines, or its end. Only what is given is held, with a few blocks around it. Devices, FIFOs and
 * sockets are refused before they are opened: reading them would hang or change something.
 */
export function readFile(
  owner: string,
  action: ReadFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  return fileWork(owner, action, target, deps, signal, { verb: 'read' }, (at) => read(at, action))
}

async function read(at: FileWork, action: ReadFileAction): Promise<FileRead> {
  const { sftp, deps, host } = at
  const path = await pathInReach(at, remotePath(action.path), action.path)
  const { handle, before, realPath } = await openRegular(at, path, action.path)
  const foreign = await foreignTo(at, before, shownPath(realPath))
  const file = new BlockReader(sftp, handle)
  const budget = {
    bytes: deps.settings.readBytes,
    lineBytes: Math.min(LONGEST_LINE, deps.settings.readBytes),
  }
  const page = await readPage(at, file, action, before.size ?? 0, budget)
  const [after] = await Promise.all([sftp.fstat(handle), sftp.close(handle)])

  const sha256 = digestOfWhole(page)
  const changed = changeBetween(before, after, page)
  const end = page.length > 0 ? page.offset + page.length : 0
  return {
    kind: 'file_read',
    host,
    path: shownPath(realPath),
    ...page,
    bytes: file.endsAt ?? Math.max(after.size ?? 0, end),
    ...(sha256 !== undefined && changed === undefined && { sha256 }),
    mode: (before.mode ?? 0) & 0o7777,
    modifiedAt: new Date((after.modifiedAtS ?? 0) * 1000),
    ...(foreign !== undefined && { foreign }),
    ...(changed !== undefined && { changed }),
  }
}

async function readPage(
  at: FileWork,
  file: BlockReader,
  { range = { by: 'bytes', offset: 0, length: Number.MAX_SAFE_INTEGER }, encoding, path }: ReadFileAction,
  size: number,
  budget: PageBudget,
): Promise<Page> {
  const check = () => goOn(at)
  switch (range.by) {
    case 'bytes':
      return byteRange(file, range.offset, Math.min(range.length, budget.bytes), encoding)
    case 'lines': {
      const lines = await findLines(file, range, budget, check)
      if (lines === undefined)
        throw new Refusal(
          'payload_too_large',
          `Line ${range.first} of ${shownPath(path)} lies too deep in it to be looked for. Use offset or tail_lines.`,
        )
      return lineRange(file, lines, encoding, budget)
    }
    case 'tail':
      return lineRange(
        file,
        await findTail(file, await endOf(file, size, check), range.lines, budget, check),
        encoding,
        budget,
      )
    default:
      return never(range)
  }
}

async function byteRange(
  file: BlockReader,
  offset: number,
  length: number,
  encoding: ReadFileAction['encoding'],
): Promise<Page> {
  const raw = await pieceAt(file, { start: offset, end: offset + length })
  const text = atCharacters(raw, offset === 0)
  const asText = encoding === 'text' || (encoding === 'auto' && isText([text]))
  const piece = asText ? text : raw
  return {
    encoding: asText ? 'text' : 'base64',
    pieces: [piece],
    offset: offset + piece.start - raw.start,
    length: piece.end - piece.start,
    hasMore: piece.end < piece.window.length,
  }
}

async function lineRange(
  file: BlockReader,
  { stretches, firstLine, total, hasMore }: Lines,
  encoding: ReadFileAction['encoding'],
  budget: PageBudget,
): Promise<Page> {
  const offset = stretches[0]?.start ?? 0
  const end = stretches.at(-1)?.end ?? offset
  const numbers = {
    ...(firstLine !== undefined && { firstLine }),
    ...(total !== undefined && { lines: total }),
    lineCount: stretches.length,
  }
  const pieces = await linePieces(file, stretches, budget)
  if (encoding === 'text' || (encoding === 'auto' && isText(pieces)))
    return { encoding: 'text', pieces, offset, length: end - offset, hasMore, ...numbers }
  // Bytes have no lines that could be shortened: they are given from the first line on, as many as a page holds.
  const bytes = await byteRange(file, offset, Math.min(end - offset, budget.bytes), 'base64')
  return { ...bytes, hasMore: hasMore || bytes.length < end - offset }
}

/** Files of /proc say that they have no bytes, so their end is looked for. */
async function endOf(file: BlockReader, size: number, check: () => void): Promise<number> {
  if (size > 0) return size
  let end = 0
  for await (const block of file.forward(0)) {
    check()
    end += block.length
  }
  return end
}

function digestOfWhole({ pieces, offset, hasMore }: Page): string | undefined {
  if (offset !== 0 || hasMore || pieces.some(({ leftOutBytes }) => leftOutBytes > 0)) return undefined
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(bytesOf(piece))
  return hash.digest('hex')
}

function changeBetween(before: FileAttributes, after: FileAttributes, page: Page): FileRead['changed'] {
  const [was, is] = [before.size ?? 0, after.size ?? 0]
  if (
    is < was ||
    (was > 0 && !page.hasMore && page.offset < was && page.offset + page.length < was && isAtEnd(page))
  )
    return 'shrank'
  if (is > was) return 'grew'
  return was > 0 && before.modifiedAtS !== after.modifiedAtS ? 'rewritten' : undefined
}

/** The page ends where the file did: nothing stood behind it. */
function isAtEnd({ pieces }: Page): boolean {
  const last: FilePiece | undefined = pieces.at(-1)
  return last !== undefined && last.end === last.window.length
}
