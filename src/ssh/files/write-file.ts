import type { FileOutcome, WriteFileAction } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { contentIfReadable, mustBeExpected, sha256Of } from './content.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork } from './file-work.ts'
import { mustHaveOneName } from './keep-owner.ts'
import { shownPath } from './names.ts'
import { mustBeWritable, type Put, putFile } from './put-file.ts'
import { Refusal } from './refusal.ts'
import { differenceOf } from './unified-diff.ts'
import { type WriteTarget, writeTarget } from './write-target.ts'

export const WRITING = {
  verb: 'write to',
  perhaps: 'no space is left, a quota is reached, or the file system is read-only; nothing was changed',
}

/**
 * Puts the content at the path, in place of what is there, in one step. Mode, owner and group of a file that is replaced are kept; ACLs,
 * extended attributes and other names of it are not, and SFTP cannot show the first two. Answers what changed.
 */
export function writeFile(
  owner: string,
  action: WriteFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  return fileWork(owner, action, target, deps, signal, WRITING, (at) => write(at, action))
}

async function write(at: FileWork, action: WriteFileAction): Promise<FileOutcome> {
  const { maxBytes } = at.deps.settings
  if (action.content.length > maxBytes)
    throw new Refusal(
      'payload_too_large',
      `content is longer than ${maxBytes} bytes (files.max_bytes). Use transfer_file.`,
    )
  const target = await writeTarget(at, action)
  const [before] = await Promise.all([
    contentBefore(at, action, target),
    mustHaveOneName(at, target),
    mustBeWritable(at, target),
  ])
  mustBeExpected(at, action.path, action.expectedSha256, before)

  const isSame =
    before?.equals(action.content) === true &&
    (action.mode === undefined || action.mode === (target.existing?.mode ?? 0) % 0o10000)
  const put: Put =
    isSame || action.dryRun
      ? { kind: 'done' }
      : await putFile(at, target, { ...action, recheck: () => recheck(at, action, target) })
  return changed(at, target, action, put, before, action.content)
}

/** The answer to a change. `before` is absent where there was nothing, or nothing that could be read. */
export function changed(
  { host }: FileWork,
  { path, existing }: WriteTarget,
  { dryRun }: { readonly dryRun: boolean },
  put: Put,
  before: Buffer | undefined,
  after: Buffer,
): FileOutcome {
  const shown = shownPath(path)
  if (put.kind === 'unknown') return { kind: 'file_unknown', host, path: shown, reason: put.reason }
  const isNew = existing === undefined
  const difference =
    isNew || before !== undefined ? differenceOf(shown, before, after) : { diffTruncated: true }
  return {
    kind: 'file_changed',
    host,
    path: shown,
    change: isNew ? 'created' : before?.equals(after) === true ? 'unchanged' : 'replaced',
    dryRun,
    bytes: after.length,
    sha256: sha256Of(after),
    ...(before !== undefined && { previousSha256: sha256Of(before) }),
    ...difference,
    ...(put.note !== undefined && { note: put.note }),
  }
}

async function contentBefore(
  at: FileWork,
  action: WriteFileAction,
  target: WriteTarget,
): Promise<Buffer | undefined> {
  if (target.existing === undefined) return undefined
  const before = await contentIfReadable(at, target.path, at.deps.settings.maxBytes)
  if (before === undefined && action.expectedSha256 !== undefined)
    throw new Refusal(
      'payload_too_large',
      `${shownPath(action.path)} on ${at.host} is too long, or may not be read, to compare its digest. Nothing was changed.`,
    )
  return before
}

/** Right before the rename: times have whole seconds in SFTP, so the bytes themselves are compared. */
async function recheck(
  at: FileWork,
  { path, expectedSha256 }: WriteFileAction,
  target: WriteTarget,
): Promise<void> {
  if (expectedSha256 === undefined) return
  mustBeExpected(
    at,
    path,
    expectedSha256,
    await contentIfReadable(at, target.path, at.deps.settings.maxBytes),
  )
}
