import * as z from 'zod'
import { ChangeIdField } from '../fields.ts'
import { ChangeResult, ChangesResult } from '../file-results.ts'
import { defineOperation } from '../operation.ts'

const USUAL_CHANGES = 100

export const listChanges = defineOperation({
  id: 'list_changes',
  method: 'GET',
  path: '/api/v1/changes',
  summary: 'The file changes of yours that can be undone, latest first.',
  input: () =>
    z.strictObject({
      limit: z.coerce
        .number<string>()
        .int()
        .min(1)
        .max(1_000)
        .exactOptional()
        .describe(`The most that are listed; ${USUAL_CHANGES} when not given.`),
    }),
  result: ChangesResult,
  toAction: ({ limit = USUAL_CHANGES }) => ({ kind: 'list_changes', limit }),
})

export const undoChange = defineOperation({
  id: 'undo_change',
  method: 'POST',
  path: '/api/v1/changes/undo',
  summary: 'Put back what a file change of yours replaced, unless the file has changed since.',
  input: () =>
    z.strictObject({
      change_id: ChangeIdField,
      dry_run: z.boolean().exactOptional().describe('Only tell what would change.'),
    }),
  result: ChangeResult,
  toAction: ({ change_id: change, dry_run: dryRun = false }) => ({ kind: 'undo_change', change, dryRun }),
})
