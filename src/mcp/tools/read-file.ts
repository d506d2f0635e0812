import * as z from 'zod'
import { asksOneRange, readFileAction, USUAL_BYTES } from '../../pipeline/file-actions.ts'
import { defineTool } from './define-tool.ts'
import { FileHostArgument, FlagArgument, PathArgument, wholeArgument } from './file-arguments.ts'
import { FileResult } from './file-results.ts'
import { fileText } from './file-text.ts'

export const readFile = defineTool({
  name: 'read_file',
  title: 'Read a file',
  description: 'Read a file on a host: all, bytes (offset), lines (first_line), or its end (tail_lines).',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        host: FileHostArgument,
        path: PathArgument,
        offset: wholeArgument(0),
        length: wholeArgument(1).describe(`Default ${USUAL_BYTES}`),
        first_line: wholeArgument(1),
        line_count: wholeArgument(1),
        tail_lines: wholeArgument(1),
        encoding: z.enum(['auto', 'text', 'base64']).exactOptional(),
        sudo: FlagArgument,
      })
      .refine(asksOneRange, 'offset, first_line and tail_lines exclude each other'),
  output: FileResult,
  answers: 'file_read',
  toAction: readFileAction,
  toText: fileText,
})
