import { type ChangeRecord, isChangeId, type PlaceState } from '../domain/change.ts'
import { isHostName } from '../domain/host.ts'
import { branded, exactly, finite, flag, instant, objectOf, text, unionBy } from './exact-shape.ts'

const place = unionBy<PlaceState, 'kind'>('kind', {
  absent: objectOf({ kind: exactly('absent') }, {}),
  file: objectOf(
    { kind: exactly('file'), sha256: text, bytes: finite, mode: finite },
    { uid: finite, gid: finite },
  ),
})

const change = branded(isChangeId)

const record = objectOf<ChangeRecord>(
  {
    id: change,
    owner: text,
    host: branded(isHostName),
    path: text,
    sudo: flag,
    madeBy: text,
    at: instant,
    before: place,
    after: place,
  },
  { undoes: change },
)

export function changeRecordText(change: ChangeRecord): string {
  return JSON.stringify(change)
}

/** Undefined unless the whole text is a record, with nothing missing, unknown or of another type. */
export function parseChangeRecord(written: string): ChangeRecord | undefined {
  try {
    return record(JSON.parse(written))
  } catch {
    return undefined
  }
}
