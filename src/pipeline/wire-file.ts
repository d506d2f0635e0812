import type { Answer } from '../domain/answer.ts'
import type { FileEntry } from '../domain/file.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

type Of<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>

/** A part of a file, as every edge writes it. The next page begins at `next_offset`, or at `next_line` where lines were asked for. */
export type WireFile = WireCleaned & {
  readonly host: string
  /** With every symlink resolved. */
  readonly path: string
  readonly encoding: 'text' | 'base64'
  readonly content: string
  readonly bytes: number
  readonly offset: number
  readonly next_offset: number
  readonly has_more: boolean
  readonly first_line?: number
  readonly next_line?: number
  /** How many lines the file has, where that is known. */
  readonly lines?: number
  /** Lines of which the end was left out. */
  readonly cut_lines: number
  /** Of the whole file, when it was read whole and nothing of it withheld. */
  readonly sha256?: string
  /** As in `0644`. */
  readonly mode: string
  readonly modified_at: string
  /** Something wrote to it while it was read. */
  readonly changed?: 'grew' | 'shrank' | 'rewritten'
}

export function wireFile(answer: Of<'file_read'>): WireFile {
  const { firstLine, lineCount, lines, sha256, changed } = answer
  return {
    host: answer.host,
    path: answer.path,
    encoding: answer.encoding,
    content: answer.content,
    bytes: answer.bytes,
    offset: answer.offset,
    next_offset: answer.offset + answer.length,
    has_more: answer.hasMore,
    ...(firstLine !== undefined && { first_line: firstLine }),
    ...(firstLine !== undefined && lineCount !== undefined && { next_line: firstLine + lineCount }),
    ...(lines !== undefined && { lines }),
    cut_lines: answer.cutLines,
    ...(sha256 !== undefined && { sha256 }),
    mode: octal(answer.mode),
    modified_at: answer.modifiedAt.toISOString(),
    ...(changed !== undefined && { changed }),
    ...wireCleaned(answer.cleaned),
  }
}

export type WireListing = WireCleaned & {
  readonly host: string
  readonly path: string
  readonly entries: readonly WireEntry[]
  readonly total: number
  readonly offset: number
  readonly has_more: boolean
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[]
  /** There is more than is ever looked at. */
  readonly incomplete: boolean
}

export type WireEntry = {
  readonly name: string
  /** The name is shown in escapes and cannot be asked for. */
  readonly escaped?: true
  readonly type: FileEntry['type']
  readonly bytes: number
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly modified_at: string
  readonly link_target?: string
}

export function wireListing(answer: Of<'directory_listed'>): WireListing {
  const { host, path, entries, total, offset, unreadable, isIncomplete, cleaned } = answer
  return {
    host,
    path,
    entries: entries.map(wireEntry),
    total,
    offset,
    has_more: offset + entries.length < total,
    unreadable,
    incomplete: isIncomplete,
    ...wireCleaned(cleaned),
  }
}

function wireEntry({
  name,
  isEscaped,
  type,
  bytes,
  mode,
  uid,
  gid,
  modifiedAt,
  linkTarget,
}: FileEntry): WireEntry {
  return {
    name,
    ...(isEscaped && { escaped: true }),
    type,
    bytes,
    mode: octal(mode),
    uid,
    gid,
    modified_at: modifiedAt.toISOString(),
    ...(linkTarget !== undefined && { link_target: linkTarget }),
  }
}

export type WireChange = WireCleaned & {
  readonly host: string
  /** With every symlink resolved: where the bytes are. */
  readonly path: string
  readonly change: 'created' | 'replaced' | 'removed' | 'unchanged'
  /** Nothing was changed; this is what would be. */
  readonly dry_run: boolean
  readonly bytes: number
  /** Absent where nothing is there now. */
  readonly sha256?: string
  readonly previous_sha256?: string
  readonly diff?: string
  readonly diff_truncated: boolean
  /** For `undo_change`; absent where it cannot be undone. */
  readonly change_id?: string
  /** The change that this one took back. */
  readonly undoes?: string
  readonly note?: string
}

export function wireChange(answer: Of<'file_changed'>): WireChange {
  const { host, path, change, dryRun, bytes, sha256, previousSha256, diff, diffTruncated } = answer
  const { changeId, undoes, note } = answer
  return {
    host,
    path,
    change,
    dry_run: dryRun,
    bytes,
    ...(sha256 !== undefined && { sha256 }),
    ...(previousSha256 !== undefined && { previous_sha256: previousSha256 }),
    ...(diff !== undefined && { diff }),
    diff_truncated: diffTruncated,
    ...(changeId !== undefined && { change_id: changeId }),
    ...(undoes !== undefined && { undoes }),
    ...(note !== undefined && { note }),
    ...wireCleaned(answer.cleaned),
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
