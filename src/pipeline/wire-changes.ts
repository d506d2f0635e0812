import type { Answer } from '../domain/answer.ts'
import type { ChangeSummary } from '../domain/change.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

/** The caller's own changes of files, as every edge writes them. */
export type WireChanges = WireCleaned & {
  readonly changes: readonly WireKeptChange[]
  /** More are kept than are listed when it is higher. */
  readonly total: number
}

export type WireKeptChange = {
  readonly change_id: string
  readonly host: string
  readonly path: string
  readonly sudo: boolean
  readonly change: 'created' | 'replaced' | 'removed'
  /** The tool, or `restore_file` for what an undo did. */
  readonly made_by: string
  readonly at: string
  /** Of what was there before and is kept. */
  readonly kept_bytes: number
  /** The change that this one took back. */
  readonly undoes?: string
  readonly undone: boolean
  readonly undone_by?: string
}

export function wireChanges({ changes, total, cleaned }: Extract<Answer, { kind: 'changes' }>): WireChanges {
  return { changes: changes.map(wireKeptChange), total, ...wireCleaned(cleaned) }
}

function wireKeptChange(change: ChangeSummary): WireKeptChange {
  const { id, host, path, sudo, madeBy, at, before, after, undoes, undoneBy } = change
  return {
    change_id: id,
    host,
    path,
    sudo,
    change: after.kind === 'absent' ? 'removed' : before.kind === 'absent' ? 'created' : 'replaced',
    made_by: madeBy,
    at: at.toISOString(),
    kept_bytes: before.kind === 'file' ? before.bytes : 0,
    ...(undoes !== undefined && { undoes }),
    undone: undoneBy !== undefined,
    ...(undoneBy !== undefined && { undone_by: undoneBy }),
  }
}
