import type { FileAction, FileOutcome } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { never } from '../../lib/never.ts'
import type { FileDeps } from './file-deps.ts'

/** What is asked of the files of one host. */
export type OneHostFileAction = Exclude<FileAction, { readonly kind: 'transfer_file' }>

/** Does it. The code of each kind, and the library for differences, is loaded when it is first asked for: most starts never need it. */
export async function fileAction(
  owner: string,
  action: OneHostFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  switch (action.kind) {
    case 'read_file': {
      const { readFile } = await import('./read-file.ts')
      return readFile(owner, action, target, deps, signal)
    }
    case 'list_directory': {
      const { listDirectory } = await import('./list-directory.ts')
      return listDirectory(owner, action, target, deps, signal)
    }
    case 'write_file': {
      const { writeFile } = await import('./write-file.ts')
      return writeFile(owner, action, target, deps, signal)
    }
    case 'edit_file': {
      const { editFile } = await import('./edit-file.ts')
      return editFile(owner, action, target, deps, signal)
    }
    case 'restore_file': {
      const { restoreFile } = await import('./restore-file.ts')
      return restoreFile(owner, action, target, deps, signal)
    }
    default:
      return never(action)
  }
}
