import * as z from 'zod'
import type { WireChanges } from '../pipeline/wire-changes.ts'
import type { WireChange } from '../pipeline/wire-file.ts'
import { Cleaned } from './fields.ts'

/** What is answered of files and their changes, described. */

export const ChangeResult = z.object({
  host: z.string(),
  path: z.string().describe('With every symlink resolved.'),
  change: z.enum(['created', 'replaced', 'removed', 'unchanged']),
  dry_run: z.boolean().describe('Nothing was changed; this is what would be.'),
  bytes: z.int(),
  sha256: z.string().exactOptional().describe('Of what is there now; absent where nothing is.'),
  previous_sha256: z.string().exactOptional(),
  diff: z.string().exactOptional().describe('Unified; absent for what is not text, or very long.'),
  diff_truncated: z.boolean(),
  change_id: z.string().exactOptional().describe('By which it can be undone; absent where it cannot.'),
  undoes: z.string().exactOptional().describe('The change that was taken back.'),
  note: z.string().exactOptional(),
  ...Cleaned,
}) satisfies z.ZodType<WireChange>

export const ChangesResult = z.object({
  changes: z.array(
    z.object({
      change_id: z.string(),
      host: z.string(),
      path: z.string(),
      sudo: z.boolean(),
      change: z.enum(['created', 'replaced', 'removed']),
      made_by: z.string().describe('`write_file`, `edit_file`, …; `restore_file` for what an undo did.'),
      at: z.iso.datetime(),
      kept_bytes: z.int().describe('Of what was there before.'),
      undoes: z.string().exactOptional().describe('The change that this one took back.'),
      undone: z.boolean(),
      undone_by: z.string().exactOptional(),
    }),
  ),
  total: z.int().describe('How many there are; more than are listed when `limit` was reached.'),
  ...Cleaned,
}) satisfies z.ZodType<WireChanges>
