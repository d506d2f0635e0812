import * as z from 'zod'
import { ChangeIdArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { FlagArgument } from './file-arguments.ts'
import { ChangeResult } from './file-results.ts'
import { changeText } from './file-text.ts'

/** The answer is that of the call which restores the file: what it did, and the id by which that can be undone in turn. */
export const undoChange = defineTool({
  name: 'undo_change',
  title: 'Undo a file change',
  description: 'Put back what a file change replaced, unless the file has changed since.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  input: () => z.strictObject({ change_id: ChangeIdArgument, dry_run: FlagArgument }),
  output: ChangeResult,
  answers: 'file_changed',
  toAction: ({ change_id: change, dry_run: dryRun = false }) => ({ kind: 'undo_change', change, dryRun }),
  toText: changeText,
})
