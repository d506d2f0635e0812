import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChangeId } from '../../src/domain/change.ts'
import type {
  EditFileAction,
  FileAction,
  FileOutcome,
  FileRead,
  ListDirectoryAction,
  MayTouch,
  ReadFileAction,
  RestoreFileAction,
  WriteFileAction,
} from '../../src/domain/file.ts'
import type { HostTarget } from '../../src/domain/host.ts'
import type { NotStarted } from '../../src/domain/outcome.ts'
import { restoringOf } from '../../src/pipeline/changes/undo-change.ts'
import { editFile } from '../../src/ssh/files/edit-file.ts'
import type { FileDeps, FileSettings } from '../../src/ssh/files/file-deps.ts'
import { Leftovers } from '../../src/ssh/files/leftovers.ts'
import { listDirectory } from '../../src/ssh/files/list-directory.ts'
import { readFile } from '../../src/ssh/files/read-file.ts'
import { restoreFile } from '../../src/ssh/files/restore-file.ts'
import { writeFile } from '../../src/ssh/files/write-file.ts'
import type { OpenSftp } from '../../src/ssh/sftp/sftp.ts'
import { keeperOf, MemoryChanges } from './memory-changes.ts'
import { sftpRunner } from './sftp-runner.ts'

type Left<T> = Partial<Omit<T, 'kind' | 'host' | 'path'>> & { readonly signal?: AbortSignal }
type Answer<Kind extends FileOutcome['kind']> = Extract<FileOutcome, { kind: Kind }>

export const SETTINGS: FileSettings = { readBytes: 256 * 1024, maxBytes: 8 * 1024 * 1024 }

/** The file tools by themselves: what they do on a host, without rules, audit and answers around them. */
export function fileTools(
  target: HostTarget,
  {
    settings = SETTINGS,
    openSftp: given,
    mayTouch,
  }: { settings?: FileSettings; openSftp?: OpenSftp; mayTouch?: MayTouch } = {},
) {
  const runner = sftpRunner([target])
  const parts = { openSftp: given ?? runner.openSftp, settings, leftovers: new Leftovers() }
  const changes = new MemoryChanges()
  const host = target.host.name
  const owner = 'user@example.com'
  /** Each call has an id of its own, and keeps what it changes under it. */
  const depsOf = (action: FileAction): FileDeps => ({ ...parts, keeper: keeperOf(changes, action), mayTouch })

  type Work<Action> = (
    owner: string,
    action: Action,
    target: HostTarget,
    deps: FileDeps,
    signal: AbortSignal,
  ) => Promise<FileOutcome | NotStarted>
  const run = <Action extends FileAction>(work: Work<Action>, action: Action, signal: AbortSignal) =>
    work(owner, action, target, depsOf(action), signal)

  const tools = {
    read: (path: string, { signal = new AbortController().signal, ...more }: Left<ReadFileAction> = {}) =>
      run(readFile, { kind: 'read_file', host, path, sudo: false, encoding: 'auto', ...more }, signal),
    list: (
      path: string,
      { signal = new AbortController().signal, ...more }: Left<ListDirectoryAction> = {},
    ) => {
      const usual = {
        sort: 'name',
        descending: false,
        depth: 1,
        offset: 0,
        limit: 1_000,
        sudo: false,
      } as const
      return run(listDirectory, { kind: 'list_directory', host, path, ...usual, ...more }, signal)
    },
    write: (
      path: string,
      content: string | Buffer,
      { signal = new AbortController().signal, ...more }: Left<WriteFileAction> = {},
    ) => {
      const usual = { createOnly: false, createDirectories: false, dryRun: false, sudo: false } as const
      const action = {
        kind: 'write_file',
        host,
        path,
        content: Buffer.from(content),
        ...usual,
        ...more,
      } as const
      return run(writeFile, action, signal)
    },
    edit: (
      path: string,
      change: EditFileAction['change'],
      { signal = new AbortController().signal, ...more }: Left<EditFileAction> = {},
    ) =>
      run(editFile, { kind: 'edit_file', host, path, change, sudo: false, dryRun: false, ...more }, signal),
    /** What `undo_change` does on the host. */
    undo: (
      id: ChangeId,
      { signal = new AbortController().signal, ...more }: Left<RestoreFileAction> = {},
    ) => {
      const kept = changes.kept.get(id)
      if (kept === undefined) throw new Error(`${id} is not kept`)
      return run(restoreFile, { ...restoringOf(kept, false), ...more }, signal)
    },
  }
  return { ...tools, runner, changes, leftovers: parts.leftovers, close: () => runner.close() }
}

/** One replacement as a change. */
export function replacing(oldText: string, newText: string, all = false): EditFileAction['change'] {
  return { by: 'replacements', edits: [{ oldText, newText, all }] }
}

/** The outcome as one of its kind; anything else fails the test with what it was. */
export function expectKind<Kind extends FileOutcome['kind']>(
  outcome: FileOutcome | NotStarted,
  kind: Kind,
): Answer<Kind> {
  if (outcome.kind !== kind) throw new Error(`${kind} was expected: ${JSON.stringify(outcome)}`)
  return outcome as Answer<Kind>
}

export function refused(outcome: FileOutcome | NotStarted): NotStarted {
  if (outcome.kind !== 'not_started') throw new Error(`a refusal was expected: ${JSON.stringify(outcome)}`)
  return outcome
}

/** The bytes that were given, with nothing left out between the pieces. */
export function contentOf({ pieces }: FileRead): Buffer {
  return Buffer.concat(pieces.map(({ window, start, end }) => window.subarray(start, end)))
}

export interface Scratch {
  readonly directory: string
  at(...parts: string[]): string
  remove(): void
}

export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-files-'))
  return {
    directory,
    at: (...parts) => join(directory, ...parts),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
