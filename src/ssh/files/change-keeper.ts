import type { Call } from '../../domain/call.ts'
import { type ChangeRecord, type ChangeStore, changeIdOf, type PlaceState } from '../../domain/change.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import type { FileAttributes } from '../sftp/sftp.ts'
import { sha256Of } from './content.ts'
import type { ChangeKeeper, FileDeps, FileWork, Keeping } from './file-deps.ts'
import { Refusal } from './refusal.ts'
import type { WriteTarget } from './write-target.ts'

export function changeKeeper(
  { id, principal, action }: Call,
  store: ChangeStore,
  clock: Clock,
): ChangeKeeper {
  return {
    async keep(made, content) {
      const record: ChangeRecord = {
        id: changeIdOf({ id }),
        owner: principalKey(principal),
        madeBy: action.kind,
        ...(action.kind === 'restore_file' && { undoes: action.undoes }),
        at: clock.now(),
        ...made,
      }
      // guard: kept-before-changed
      const kept = await store.keep(record, content).catch(unavailable)
      if (kept.kind === 'not_kept')
        return unkept(kept.because === 'off' ? undefined : 'it is longer than files.undo.total_bytes')
      return { changeId: record.id, forget: () => store.drop(record).catch(() => undefined) }
    },
  }
}

/** Keeps what is at the target: `before`, which is absent where nothing is, or nothing that could be read. */
export function keepTarget(
  { host, sudo, deps }: Pick<FileWork, 'host' | 'sudo'> & { readonly deps: Pick<FileDeps, 'keeper'> },
  { path, existing }: WriteTarget,
  before: Buffer | undefined,
  after: PlaceState,
): Promise<Keeping> {
  const text = path.toString()
  if (!Buffer.from(text).equals(path)) return Promise.resolve(unkept('its path is not UTF-8'))
  if (existing !== undefined && before === undefined)
    return Promise.resolve(unkept('it is longer than files.max_bytes, or may not be read'))
  const state = existing === undefined ? ABSENT : stateOf(existing, before ?? Buffer.alloc(0))
  return deps.keeper.keep({ host, path: text, sudo, before: state, after }, before)
}

export const ABSENT: PlaceState = { kind: 'absent' }

export function stateOf({ mode = 0, uid, gid }: FileAttributes, content: Buffer): PlaceState {
  return {
    kind: 'file',
    sha256: sha256Of(content),
    bytes: content.length,
    mode: mode & 0o7777,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  }
}

/** Of a change that will not be undone. `why`: absent where there is nothing to say. */
export function unkept(why: string | undefined): Keeping {
  return {
    ...(why !== undefined && { note: `This cannot be undone: what was there was not kept, because ${why}.` }),
    forget: async () => undefined,
  }
}

function unavailable(cause: unknown): never {
  throw new Refusal(
    'undo_unavailable',
    'What would be replaced cannot be kept for undo_change: the bridge cannot write to its disk. Nothing was changed.',
    String(cause),
  )
}

/** What is told of it beside what was done. */
export function toldOf(keeping: Keeping | undefined): Pick<Keeping, 'changeId' | 'note'> {
  const { changeId, note } = keeping ?? {}
  return { ...(changeId !== undefined && { changeId }), ...(note !== undefined && { note }) }
}
