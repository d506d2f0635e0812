import { fileType } from '../sftp/sftp.ts'
import { keepTarget, unkept } from './change-keeper.ts'
import { contentIfReadable } from './content.ts'
import type { ChangeKeeper } from './file-deps.ts'
import { splitPath } from './names.ts'
import { ifThere } from './refusal.ts'
import { ChangedMeanwhile, mustBeAsSeen } from './replace-file.ts'
import type { KeepPlace } from './transfer-part.ts'

/** How often one would come after others who write at the same time. */
const MOST_TRIES = 5

/** For files that the file tools take whole: longer ones can be neither kept nor compared. */
export function placeKeeper(
  keeper: ChangeKeeper,
  { maxBytes }: { readonly maxBytes: number },
  signal: AbortSignal,
): KeepPlace {
  return async (side, { place, left, bytes, sha256, overwrite }) => {
    const at = { ...side, deps: { keeper }, signal }
    const { mode = 0, uid, gid } = left
    const owner = { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) }
    const after = { kind: 'file', sha256, bytes, mode: mode & 0o7777, ...owner } as const
    for (let triesLeft = MOST_TRIES; ; triesLeft -= 1) {
      const existing = overwrite ? await ifThere(at.sftp.lstat(place)) : undefined
      // What is no file is not replaced: the host refuses it.
      if (existing !== undefined && fileType(existing) !== 'file') return unkept(undefined)
      if (bytes > maxBytes) return unkept('the file is longer than files.max_bytes')
      const target = { path: place, directory: splitPath(place).directory, ...(existing && { existing }) }
      const before = existing && (await contentIfReadable(at, place, maxBytes))
      const keeping = await keepTarget(at, target, before, after)
      try {
        // guard: transferred-over-what-was-kept
        if (overwrite) await mustBeAsSeen(at, target, before)
        return keeping
      } catch (error) {
        await keeping.forget()
        if (!(error instanceof ChangedMeanwhile) || triesLeft <= 1) throw error
      }
    }
  }
}
