import type { CancelAnswer, OutputPage } from '../../domain/answer.ts'
import { cleanedNotes } from './cleaned-text.ts'
import type { Mark } from './define-tool.ts'
import { fenced, howItEnded, QUEUED } from './run-text.ts'

/** A page of output as a model reads it: how the command stands, where the page is, then the page, fenced. */
export function pageText(page: OutputPage, mark: Mark): string {
  const body = fenced(page.stream, page.text, mark)
  return [
    `${page.host}: ${standing(page)}`,
    ...(page.notice === undefined ? [] : [page.notice]),
    place(page),
    ...cleanedNotes(page.cleaned),
    ...(body.length === 0 ? ['(nothing here)'] : body),
  ].join('\n')
}

function standing({ state, end, failure, durationMs }: OutputPage): string {
  if (failure !== undefined) return `not run: ${failure.message}`
  if (end !== undefined) return howItEnded(end, durationMs)
  return `${state} for ${durationMs} ms${state === 'queued' ? `: ${QUEUED}` : ''}`
}

function place({ offset, nextOffset, totalBytes, keptBytes, hasMore, matches }: OutputPage): string {
  const what = matches === undefined ? 'bytes' : `${matches} matching line(s) in bytes`
  const lost = keptBytes < totalBytes ? `; only the first ${keptBytes} bytes and the end are kept` : ''
  const next = hasMore ? `; next offset ${nextOffset}` : '; that is all'
  return `${what} ${offset}-${nextOffset} of ${totalBytes}${lost}${next}`
}

export function cancelText({ host, commandId, cancelled, state, end }: CancelAnswer): string {
  const how = end === undefined ? state : howItEnded(end, 0).replace(/ after 0 ms/, '')
  return cancelled ? `${host}: ${how}` : `${host}: ${commandId} was not running any more: ${how}`
}
