import type { Answer } from '../../domain/answer.ts'
import type { FileEntry } from '../../domain/file.ts'
import { cleanedFileNotes, cleanedNotes } from './cleaned-text.ts'
import type { Mark } from './define-tool.ts'
import { fenced } from './run-text.ts'

/** Files as a model reads them: facts first, then what the host holds, fenced by a mark that the host cannot forge. */

type Of<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>

export function fileText(answer: Of<'file_read'>, mark: Mark): string {
  const { host, path, encoding, content, length } = answer
  const binary = encoding === 'base64' ? ' as base64' : ''
  const body = length === 0 ? ['(nothing here)'] : fenced('content', content, mark)
  return [`${host}: ${path}, ${whichPart(answer)}${binary}`, ...fileNotes(answer), ...body].join('\n')
}

function whichPart({
  bytes,
  offset,
  length,
  firstLine,
  lineCount = 0,
  lines,
  hasMore,
}: Of<'file_read'>): string {
  if (firstLine !== undefined) {
    const total = lines === undefined ? '' : ` of ${lines}`
    const next = hasMore ? `; next: first_line ${firstLine + lineCount}` : ''
    return `lines ${firstLine}-${firstLine + lineCount - 1}${total}${next}`
  }
  if (offset === 0 && !hasMore) return `all ${bytes} bytes`
  const next = hasMore ? `; next: offset ${offset + length}` : ''
  return `bytes ${offset}-${offset + length} of ${bytes}${next}`
}

function fileNotes({ cutLines, cleaned, changed, sha256 }: Of<'file_read'>): string[] {
  return [
    ...(sha256 === undefined ? [] : [`sha256 ${sha256}`]),
    ...(cutLines > 0 ? [`${cutLines} long line(s) cut.`] : []),
    ...cleanedFileNotes(cleaned),
    ...(changed === undefined ? [] : [`The file ${WORDS[changed]} while it was read.`]),
  ]
}

const WORDS = { grew: 'grew', shrank: 'became shorter', rewritten: 'was written to' } as const

export function listingText(answer: Of<'directory_listed'>, mark: Mark): string {
  const { host, path, entries, total, offset, unreadable, isIncomplete, cleaned } = answer
  const end = offset + entries.length
  const part = entries.length === total ? `${total} entries` : `entries ${offset + 1}-${end} of ${total}`
  return [
    `${host}: ${path}, ${entries.length === 0 ? `none of ${total} entries` : part}`,
    ...(end < total ? [`Next: offset ${end}.`] : []),
    ...(isIncomplete ? ['There is more than is looked at in one call: list a directory further below.'] : []),
    ...cleanedNotes(cleaned),
    ...fenced('entries', entries.map(entryLine).join('\n'), mark),
    ...fenced('unreadable', unreadable.map(({ path: at, reason }) => `${at}: ${reason}`).join('\n'), mark),
  ].join('\n')
}

const LETTERS: Readonly<Record<FileEntry['type'], string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  device: 'b',
  other: '?',
}

function entryLine({ name, type, bytes, mode, uid, gid, modifiedAt, linkTarget }: FileEntry): string {
  const facts = `${LETTERS[type]}${mode.toString(8).padStart(4, '0')} ${uid}:${gid} ${bytes}`
  const when = modifiedAt.toISOString().slice(0, 19)
  return `${facts} ${when}Z ${name}${linkTarget === undefined ? '' : ` -> ${linkTarget}`}`
}

export function changeText(answer: Of<'file_changed'>, mark: Mark): string {
  const { host, path, change, dryRun, bytes, sha256, diff = '', diffTruncated, cleaned, note } = answer
  const { changeId, undoes } = answer
  const did = dryRun ? `would be ${change}; nothing was changed` : change
  return [
    `${host}: ${path} ${did}${sha256 === undefined ? '' : ` (${bytes} bytes, sha256 ${sha256})`}`,
    ...(undoes === undefined ? [] : [`That ${dryRun ? 'would undo' : 'undid'} ${undoes}.`]),
    ...(changeId === undefined ? [] : [`To undo: change_id ${changeId}`]),
    ...(note === undefined ? [] : [note]),
    ...cleanedNotes(cleaned),
    ...fenced('diff', diff, mark),
    ...(diffTruncated ? ['The difference is not shown whole.'] : []),
  ].join('\n')
}
