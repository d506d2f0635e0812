import { z } from 'zod'
import { editFileAction } from '../../pipeline/file-actions.ts'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { DigestArgument, DryRunArgument, FileSudoArgument, PathArgument } from './file-arguments.ts'
import { ChangeResult } from './file-results.ts'
import { changeText } from './file-text.ts'

const Edit = z.strictObject({
  old_text: z.string().min(1),
  new_text: z.string(),
  all: z.boolean().exactOptional(),
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
        host: HostArgument,
        path: PathArgument,
        edits: z.array(Edit).min(1).max(100).exactOptional(),
        patch: z.string().min(1).exactOptional(),
        expected_sha256: DigestArgument,
        dry_run: DryRunArgument,
        sudo: FileSudoArgument,
      })
      .refine(({ edits, patch }) => (edits === undefined) !== (patch === undefined), 'give edits or a patch'),
  output: ChangeResult,
  answers: 'file_changed',
  toAction: editFileAction,
  toText: changeText,
})
