import * as z from 'zod'
import { editFileAction } from '../../pipeline/file-actions.ts'
import { defineTool } from './define-tool.ts'
import { DigestArgument, FileHostArgument, FlagArgument, PathArgument } from './file-arguments.ts'
import { ChangeResult } from './file-results.ts'
import { changeText } from './file-text.ts'

const MOST_EDITS = 100

const isThere = ({ length }: string) => length > 0

const Edit = z.strictObject({
  old_text: z.string().refine(isThere, 'must not be empty'),
  new_text: z.string(),
  all: FlagArgument,
})

export const editFile = defineTool({
  name: 'edit_file',
  title: 'Edit a file',
  description:
    'Replace exact texts (each there once, unless all) in a file on a host, or apply a unified diff.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z
      .strictObject({
        host: FileHostArgument,
        path: PathArgument,
        edits: z
          .array(Edit)
          .refine(({ length }) => length > 0 && length <= MOST_EDITS, `must hold 1 to ${MOST_EDITS} edits`)
          .exactOptional(),
        patch: z.string().exactOptional(),
        expected_sha256: DigestArgument,
        dry_run: FlagArgument,
        sudo: FlagArgument,
      })
      .refine(({ edits, patch }) => (edits === undefined) !== (patch === undefined), 'give edits or a patch'),
  output: ChangeResult,
  answers: 'file_changed',
  toAction: editFileAction,
  toText: changeText,
})
