import type { OutputPage } from '../../domain/answer.ts'
import { readOutputAction } from '../../pipeline/read-output-action.ts'
import { wirePage } from '../../pipeline/wire-command.ts'
import { defineResource, type ResourceText } from './define-resource.ts'
import { OUTPUT_FROM_TEMPLATE, OUTPUT_TEMPLATE, outputUri } from './resource-uris.ts'

/** Where programs find how the command stands and where the rest of its output is. */
export const PAGE_META = 'ssh-mcp-bridge/page'

/** What one reading holds; the next address is in its `_meta`. */
const READING_BYTES = 1_048_576

const shared = {
  title: 'Output of a command',
  mimeType: 'text/plain',
  ttlMs: 0,
  what: 'output',
  answers: 'command_output',
} as const

export const commandOutput = defineResource({
  ...shared,
  name: 'command-output',
  uri: OUTPUT_TEMPLATE,
  description:
    'All that a command of yours has printed, up to 1 MiB. Whoever follows it is told when there is more, and when its state changes.',
  toAction: ({ command, offset }) => readingOf(command, offset),
  toContent: pageContent,
})

export const commandOutputFrom = defineResource({
  ...shared,
  name: 'command-output-from',
  uri: OUTPUT_FROM_TEMPLATE,
  description: 'The same from a byte on: the address is in the `_meta` of the reading before.',
  toAction: ({ command, offset }) => readingOf(command, offset),
  toContent: pageContent,
})

function readingOf(command: OutputPage['commandId'], offset: number) {
  return readOutputAction({ command_id: command, offset, max_bytes: READING_BYTES })
}

function pageContent(page: OutputPage & { readonly tainted?: string }): ResourceText {
  const { output, ...standing } = wirePage(page)
  const next = page.hasMore ? { next: outputUri(page.commandId, page.nextOffset) } : {}
  const tainted = page.tainted === undefined ? {} : { tainted: page.tainted }
  return { text: output, _meta: { [PAGE_META]: { ...standing, ...next, ...tainted } } }
}
