import type { PlaceState } from '../../domain/change.ts'
import type { FileOutcome, RestoreFileAction } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { fileType } from '../sftp/sftp.ts'
import { stateOf } from './change-keeper.ts'
import { contentIfReadable } from './content.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork } from './file-work.ts'
import { mustHaveOneName } from './keep-owner.ts'
import { shownPath, splitPath } from './names.ts'
import { mustBeWritable } from './put-file.ts'
import type { Put } from './put-in-place.ts'
import { pathInReach } from './reach.ts'
import { ifThere, Refusal } from './refusal.ts'
import { replaceFile } from './replace-file.ts'
import { takeAway } from './take-away.ts'
import { changed, WRITING } from './write-file.ts'
import type { WriteTarget } from './write-target.ts'

/**
 * Puts back what was at the path before a change: the bytes with their mode and owner, or nothing. Only where the place is what the
 * change left, in its bytes, mode and owner, and no symlink leads elsewhere by now. Itself a change that can be undone.
 */
export function restoreFile(
  owner: string,
  action: RestoreFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  return fileWork(owner, action, target, deps, signal, WRITING, (at) => restore(at, action))
}

async function restore(at: FileWork, action: RestoreFileAction): Promise<FileOutcome> {
  const { target, content } = await placeAsLeft(at, action)
  const { before, dryRun } = action
  await Promise.all([mustHaveOneName(at, target), mustBeWritable(at, target)])
  const after = before.kind === 'file' ? (action.content ?? Buffer.alloc(0)) : undefined
  const put = dryRun ? DONE : await putBack(at, action, target, content, after)
  const outcome = changed(at, target, action, put, content, after)
  return outcome.kind === 'file_changed' ? { ...outcome, undoes: action.undoes } : outcome
}

const DONE: Put = { kind: 'done' }

async function putBack(
  at: FileWork,
  { before, expected }: RestoreFileAction,
  target: WriteTarget,
  content: Buffer | undefined,
  after: Buffer | undefined,
): Promise<Put> {
  if (before.kind === 'absent' || after === undefined)
    return content === undefined ? DONE : takeAway(at, target, content)
  const { mode, uid, gid } = before
  const owner = uid === undefined || gid === undefined ? {} : { owner: { uid, gid } }
  const next = { content: after, mode, ...owner, createOnly: expected.kind === 'absent' }
  return replaceFile(at, target, next, content)
}

interface Place {
  readonly target: WriteTarget
  /** Absent where nothing is. */
  readonly content: Buffer | undefined
}

async function placeAsLeft(at: FileWork, action: RestoreFileAction): Promise<Place> {
  const path = Buffer.from(action.path)
  // What it leads to by now, which is refused below where it is another; the rules come first.
  await pathInReach(at, path, action.path)
  const { directory } = splitPath(path)
  const differs = (how: string) =>
    new Refusal(
      'file_changed',
      `${shownPath(path)} on ${at.host} is not what the change left: ${how}. Nothing was changed.`,
    )
  const [now, real] = await Promise.all([ifThere(at.sftp.lstat(path)), ifThere(at.sftp.realpath(directory))])
  // guard: restore-follows-no-symlink
  if (real?.equals(directory) !== true) throw differs('its directory is gone, or another by now')
  if (now === undefined) {
    if (action.expected.kind === 'absent') return { target: { path, directory }, content: undefined }
    throw differs(action.before.kind === 'absent' ? 'it is gone already' : 'it is gone')
  }
  if (fileType(now) !== 'file') throw differs(`it is a ${fileType(now)} now`)
  if (action.expected.kind === 'absent') throw differs('there is a file again')
  const content = await contentIfReadable(
    at,
    path,
    Math.max(bytesOf(action.expected), bytesOf(action.before)),
  )
  const state = content === undefined ? undefined : stateOf(now, content)
  const how = differenceBetween(action, state)
  // guard: restores-only-what-the-change-left
  if (how !== undefined) throw differs(how)
  return { target: { path, directory, existing: now }, content }
}

/** In words; undefined where the place is as it was left. */
function differenceBetween(
  { expected, before }: RestoreFileAction,
  now: PlaceState | undefined,
): string | undefined {
  if (now === undefined) return 'it holds other bytes, or may not be read by now'
  const [left, earlier] = [factsOf(expected), factsOf(before)]
  const is = factsOf(now)
  if (is.sha256 !== left.sha256)
    return is.sha256 === earlier.sha256 ? 'it holds what it held before the change' : 'it holds other bytes'
  if (is.mode !== left.mode) return `its mode is ${octal(is.mode)}, and was ${octal(left.mode)}`
  if (is.uid !== left.uid || is.gid !== left.gid)
    return `it belongs to user ${is.uid} and group ${is.gid}, and did to ${left.uid} and ${left.gid}`
  return undefined
}

function factsOf(state: PlaceState) {
  return state.kind === 'file' ? state : { sha256: undefined, mode: 0, uid: undefined, gid: undefined }
}

function bytesOf(state: PlaceState): number {
  return state.kind === 'file' ? state.bytes : 0
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
