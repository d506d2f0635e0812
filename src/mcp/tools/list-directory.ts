import * as z from 'zod'
import { listDirectoryAction } from '../../pipeline/file-actions.ts'
import { defineTool } from './define-tool.ts'
import { FileHostArgument, FlagArgument, PathArgument, wholeArgument } from './file-arguments.ts'
import { ListingResult } from './file-results.ts'
import { listingText } from './file-text.ts'

/** Below that, a listing is longer than anybody reads. */
const DEEPEST = 32

export const listDirectory = defineTool({
  name: 'list_directory',
  title: 'List a directory',
  description: 'List a directory on a host, page by page; depth goes below.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  needsExecuteScope: true,
  input: () =>
    z.strictObject({
      host: FileHostArgument,
      path: PathArgument,
      sort: z.enum(['name', 'size', 'modified']).exactOptional(),
      descending: FlagArgument,
      depth: wholeArgument(1, DEEPEST),
      offset: wholeArgument(0),
      limit: wholeArgument(1, 1_000),
      sudo: FlagArgument,
    }),
  output: ListingResult,
  answers: 'directory_listed',
  toAction: listDirectoryAction,
  toText: listingText,
})
