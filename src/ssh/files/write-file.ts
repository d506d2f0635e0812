import type { FileOutcome, WriteFileAction } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { contentIfReadable, mustBeExpected, sha256Of } from './content.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork } from './file-work.ts'
import { mustHaveOneName } from './keep-owner.ts'
import { shownPath } from './names.ts'
import { mustBeWritable } from './put-file.ts'
import type { Put } from './put-in-place.ts'
import { Refusal } from './refusal.ts'
import { ChangedMeanwhile, replaceFile } from './replace-file.ts'
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

/** Whom it is all the same what was there is not told of others who wrote at the same time; how often one would come after them is bounded. */
const MOST_TRIES = 5

async function write(at: FileWork, action: WriteFileAction): Promise<FileOutcome> {
  for (let left = action.expectedSha256 === undefined ? MOST_TRIES : 1; ; left -= 1) {
    try {
      return await writeOnce(at, action)
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || left <= 1) throw error
    }
  }
}

async function writeOnce(at: FileWork, action: WriteFileAction): Promise<FileOutcome> {
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
  const put: Put = isSame || action.dryRun ? { kind: 'done' } : await replaceFile(at, target, action, before)
  return changed(at, target, action, put, before, action.content)
}

/** The answer to a change. `before` is absent where there was nothing, or nothing that could be read; `after` where nothing is left. */
export function changed(
  { host }: FileWork,
  { path, existing }: WriteTarget,
  { dryRun }: { readonly dryRun: boolean },
  put: Put,
  before: Buffer | undefined,
  after: Buffer | undefined,
): FileOutcome {
  const shown = shownPath(path)
  const changeId = put.changeId === undefined ? {} : { changeId: put.changeId }
  if (put.kind === 'unknown')
    return { kind: 'file_unknown', host, path: shown, reason: put.reason, ...changeId }
  const isNew = existing === undefined
  const difference =
    isNew || before !== undefined ? differenceOf(shown, before, after) : { diffTruncated: true }
  return {
    kind: 'file_changed',
    host,
    path: shown,
    change: isNew ? 'created' : whatHappened(before, after),
    dryRun,
    bytes: after?.length ?? 0,
    ...(after !== undefined && { sha256: sha256Of(after) }),
    ...(before !== undefined && { previousSha256: sha256Of(before) }),
    ...difference,
    ...changeId,
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

function whatHappened(before: Buffer | undefined, after: Buffer | undefined) {
  if (after === undefined) return 'removed'
  return before?.equals(after) === true ? 'unchanged' : 'replaced'
}
