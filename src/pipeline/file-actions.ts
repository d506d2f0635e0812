import type {
  EditFileAction,
  FileRange,
  ListDirectoryAction,
  ReadFileAction,
  WriteFileAction,
} from '../domain/file.ts'
import type { HostName } from '../domain/host.ts'

/** What callers write, by its wire names, as the actions of files. Checked by the edge before. */
interface OnFile {
  readonly host: HostName
  readonly path: string
  readonly sudo?: boolean
}

/** At most one of the three kinds of range. */
export interface ReadFileRequest extends OnFile {
  readonly offset?: number
  readonly length?: number
  readonly first_line?: number
  readonly line_count?: number
  readonly tail_lines?: number
  readonly encoding?: ReadFileAction['encoding']
}

/** What is given when nothing is said of how much: a conversation is not flooded by a question. */
export const USUAL_BYTES = 65_536
const USUAL_LINES = 1_000

export function readFileAction(request: ReadFileRequest): ReadFileAction {
  const { encoding = 'auto' } = request
  return { kind: 'read_file', ...placeOf(request), encoding, range: rangeOf(request) }
}

/** Bytes, lines and tail cannot be asked for together. */
export function asksOneRange({
  offset,
  length,
  first_line,
  line_count,
  tail_lines,
}: Partial<ReadFileRequest>): boolean {
  const asked = [offset ?? length, first_line ?? line_count, tail_lines]
  return asked.filter((part) => part !== undefined).length <= 1
}

function rangeOf({ offset, length, first_line, line_count, tail_lines }: ReadFileRequest): FileRange {
  if (tail_lines !== undefined) return { by: 'tail', lines: tail_lines }
  if (first_line !== undefined || line_count !== undefined)
    return { by: 'lines', first: first_line ?? 1, count: line_count ?? USUAL_LINES }
  return { by: 'bytes', offset: offset ?? 0, length: length ?? USUAL_BYTES }
}

export interface ListDirectoryRequest extends OnFile {
  readonly sort?: ListDirectoryAction['sort']
  readonly descending?: boolean
  readonly depth?: number
  readonly offset?: number
  readonly limit?: number
}

const USUAL_ENTRIES = 200

export function listDirectoryAction(request: ListDirectoryRequest): ListDirectoryAction {
  const { sort = 'name', descending = false, depth = 1, offset = 0, limit = USUAL_ENTRIES } = request
  return { kind: 'list_directory', ...placeOf(request), sort, descending, depth, offset, limit }
}

export interface WriteFileRequest extends OnFile {
  readonly content: string
  readonly encoding?: 'text' | 'base64'
  /** Octal, as in `0644`. */
  readonly mode?: string
  readonly expected_sha256?: string
  readonly create_only?: boolean
  readonly create_directories?: boolean
  readonly dry_run?: boolean
}

export function writeFileAction(request: WriteFileRequest): WriteFileAction {
  const { content, encoding = 'text', mode, expected_sha256: expectedSha256 } = request
  return {
    kind: 'write_file',
    ...placeOf(request),
    content: Buffer.from(content, encoding === 'text' ? 'utf8' : 'base64'),
    ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
    ...(expectedSha256 !== undefined && { expectedSha256 }),
    createOnly: request.create_only ?? false,
    createDirectories: request.create_directories ?? false,
    dryRun: request.dry_run ?? false,
  }
}

/** Node decodes what it can and drops the rest; what is not base64 must not be written. */
export function isBase64(text: string): boolean {
  const bare = text.replace(/\s+/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) && bare.length % 4 === 0
}

export interface EditFileRequest extends OnFile {
  readonly edits?: readonly { readonly old_text: string; readonly new_text: string; readonly all?: boolean }[]
  readonly patch?: string
  readonly expected_sha256?: string
  readonly dry_run?: boolean
}

/** Exactly one of `edits` and `patch` is there. */
export function editFileAction(request: EditFileRequest): EditFileAction {
  const { edits = [], patch, expected_sha256: expectedSha256, dry_run: dryRun = false } = request
  const replacements = edits.map(({ old_text: oldText, new_text: newText, all = false }) => ({
    oldText,
    newText,
    all,
  }))
  return {
    kind: 'edit_file',
    ...placeOf(request),
    change: patch === undefined ? { by: 'replacements', edits: replacements } : { by: 'patch', patch },
    ...(expectedSha256 !== undefined && { expectedSha256 }),
    dryRun,
  }
}

function placeOf({ host, path, sudo = false }: OnFile) {
  return { host, path, sudo }
}
