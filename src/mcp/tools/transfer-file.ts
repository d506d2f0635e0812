import * as z from 'zod'
import type { Answer } from '../../domain/answer.ts'
import { namesItsEnds, transferAction } from '../../pipeline/transfer-request.ts'
import type { WireLink, WireTransfer } from '../../pipeline/wire-transfer.ts'
import { cleanedNotes } from './cleaned-text.ts'
import { defineTool, type Mark } from './define-tool.ts'
import { FileHostArgument, PathArgument } from './file-arguments.ts'
import { fenced } from './run-text.ts'

/** What clients need to go on; everything else is in `wire-transfer.ts`. */
const TransferResult = z.looseObject({
  bytes: z.number().exactOptional(),
  sha256: z.string().exactOptional(),
  url: z.string().exactOptional(),
}) satisfies z.ZodType<{ readonly [Member in keyof (WireTransfer & WireLink)]?: unknown }>

const Flag = z.boolean().exactOptional()

export const transferFile = defineTool({
  name: 'transfer_file',
  title: 'Transfer a file',
  description:
    'Copy a file or directory from host to host. Leave out one end to get a single-use link for it.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        from_host: FileHostArgument.exactOptional(),
        from_path: PathArgument.exactOptional(),
        to_host: FileHostArgument.exactOptional(),
        to_path: PathArgument.exactOptional(),
        recursive: Flag,
        overwrite: Flag,
        resume: Flag,
        sudo: z.enum(['from', 'to', 'both']).exactOptional(),
      })
      .refine(namesItsEnds, 'needs from_host and from_path, or to_host and to_path, or all four'),
  output: TransferResult,
  answers: ['transferred', 'link_made'],
  toAction: (request, { maxTimeoutMs }) => transferAction(request, maxTimeoutMs),
  toText: transferText,
})

export function transferText(
  answer: Extract<Answer, { kind: 'transferred' | 'link_made' }>,
  mark: Mark,
): string {
  if (answer.kind === 'link_made') {
    const { direction, url, expiresAt, bytes } = answer
    const [method, size] = direction === 'download' ? ['GET', `${bytes ?? 0} bytes`] : ['PUT', 'one file']
    return `${method} ${url} (${size}; once, until ${expiresAt.toISOString()}). Whoever has the address has the right.`
  }
  const { files, directories, bytes, resumedBytes, sha256, skipped, durationMs, cleaned } = answer
  const { changeId, note } = answer
  const what = directories > 0 ? `${files} files in ${directories} directories` : 'Transferred'
  return [
    `${what}: ${bytes} bytes in ${durationMs} ms${resumedBytes > 0 ? `, ${resumedBytes} of them there before` : ''}`,
    `sha256 ${sha256}${directories > 0 ? ' (of the list of digests)' : ''}`,
    ...(changeId === undefined ? [] : [`To undo: change_id ${changeId}`]),
    ...(note === undefined ? [] : [note]),
    ...cleanedNotes(cleaned),
    ...fenced('left out', skipped.map(({ path, reason }) => `${path}: ${reason}`).join('\n'), mark),
  ].join('\n')
}
