import { createHash } from 'node:crypto'
import type { FileAction } from '../domain/file.ts'
import { never } from '../lib/never.ts'

/** What the audit keeps of a file action: where and how, and of content only its digest and length. */
export function fileFacts(action: FileAction): Record<string, unknown> {
  switch (action.kind) {
    case 'read_file':
      return { ...place(action), range: action.range }
    case 'list_directory':
      return { ...place(action), depth: action.depth }
    case 'write_file': {
      const { content, mode, expectedSha256, createOnly, dryRun } = action
      return {
        ...place(action),
        ...digest(content),
        mode: mode?.toString(8).padStart(4, '0'),
        expected_sha256: expectedSha256,
        create_only: createOnly,
        dry_run: dryRun,
      }
    }
    case 'edit_file': {
      const { change, expectedSha256, dryRun } = action
      return {
        ...place(action),
        change: change.by,
        ...digest(Buffer.from(change.by === 'patch' ? change.patch : JSON.stringify(change.edits))),
        expected_sha256: expectedSha256,
        dry_run: dryRun,
      }
    }
    case 'transfer_file': {
      const { from, to, recursive, overwrite, resume } = action
      return { from, to, recursive, overwrite, resume }
    }
    default:
      return never(action)
  }
}

function place({ path, sudo }: { readonly path: string; readonly sudo: boolean }) {
  return { path, sudo }
}

/** Every call is recorded more than once, and its content may be long. */
const digests = new WeakMap<Buffer, string>()

/** Of the content that was sent; of edits, of their JSON. */
function digest(content: Buffer) {
  const known = digests.get(content) ?? createHash('sha256').update(content).digest('hex')
  digests.set(content, known)
  return { content_sha256: known, content_bytes: content.length }
}
