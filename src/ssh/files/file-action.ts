import type { FileAction, FileOutcome } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { never } from '../../lib/never.ts'
import { editFile } from './edit-file.ts'
import type { FileDeps } from './file-deps.ts'
import { listDirectory } from './list-directory.ts'
import { readFile } from './read-file.ts'
import { writeFile } from './write-file.ts'

/** What is asked of the files of one host. */
export type OneHostFileAction = Exclude<FileAction, { readonly kind: 'transfer_file' }>

export function fileAction(
  owner: string,
  action: OneHostFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  switch (action.kind) {
    case 'read_file':
      return readFile(owner, action, target, deps, signal)
    case 'list_directory':
      return listDirectory(owner, action, target, deps, signal)
    case 'write_file':
      return writeFile(owner, action, target, deps, signal)
    case 'edit_file':
      return editFile(owner, action, target, deps, signal)
    default:
      return never(action)
  }
}
