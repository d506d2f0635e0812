import { z } from 'zod'
import { listDirectoryAction } from '../../pipeline/file-actions.ts'
import { HostArgument } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { FileSudoArgument, PathArgument } from './file-arguments.ts'
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
      host: HostArgument,
      path: PathArgument,
      sort: z.enum(['name', 'size', 'modified']).exactOptional(),
      descending: z.boolean().exactOptional(),
      depth: z.int().min(1).max(DEEPEST).exactOptional(),
      offset: z.int().min(0).max(50_000).exactOptional(),
      limit: z.int().min(1).max(1_000).exactOptional(),
      sudo: FileSudoArgument,
    }),
  output: ListingResult,
  answers: 'directory_listed',
  toAction: listDirectoryAction,
  toText: listingText,
})
