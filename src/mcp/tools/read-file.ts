import { z } from 'zod'
import { asksOneRange, readFileAction } from '../../pipeline/file-actions.ts'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { FileSudoArgument, PathArgument } from './file-arguments.ts'
import { FileResult } from './file-results.ts'
import { fileText } from './file-text.ts'

const Whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

export const readFile = defineTool({
  name: 'read_file',
  title: 'Read a file',
  description: 'Read a file on a host: all, bytes (offset), lines (first_line), or its end (tail_lines).',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        host: HostArgument,
        path: PathArgument,
        offset: Whole.exactOptional(),
        length: Whole.min(1).exactOptional(),
        first_line: Whole.min(1).exactOptional(),
        line_count: Whole.min(1).exactOptional(),
        tail_lines: Whole.min(1).exactOptional(),
        encoding: z.enum(['auto', 'text', 'base64']).exactOptional(),
        sudo: FileSudoArgument,
      })
      .refine(asksOneRange, 'offset, first_line and tail_lines exclude each other'),
  output: FileResult,
  answers: 'file_read',
  toAction: readFileAction,
  toText: fileText,
})
