import * as z from 'zod'
import { isBase64, writeFileAction } from '../../pipeline/file-actions.ts'
import { defineTool } from './define-tool.ts'
import { DigestArgument, FileHostArgument, FlagArgument, PathArgument } from './file-arguments.ts'
import { ChangeResult } from './file-results.ts'
import { changeText } from './file-text.ts'

const ModeArgument = z
  .string()
  .refine((text) => /^0?[0-7]{3,4}$/.test(text), 'must be octal, as 0644')
  .exactOptional()
  .describe('As 0644')

export const writeFile = defineTool({
  name: 'write_file',
  title: 'Write a file',
  description: 'Create or replace a file on a host in one step; mode and owner are kept.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        host: FileHostArgument,
        path: PathArgument,
        content: z.string(),
        encoding: z.enum(['text', 'base64']).exactOptional(),
        mode: ModeArgument,
        expected_sha256: DigestArgument,
        create_only: FlagArgument,
        create_directories: FlagArgument,
        dry_run: FlagArgument,
        sudo: FlagArgument,
      })
      .refine(({ content, encoding }) => encoding !== 'base64' || isBase64(content), {
        path: ['content'],
        error: 'is not base64',
      }),
  output: ChangeResult,
  answers: 'file_changed',
  toAction: writeFileAction,
  toText: changeText,
})
