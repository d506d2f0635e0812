import { createHash } from 'node:crypto'
import { type ChangeRecord, isChangeId, type KeptChange, type PlaceState } from '../domain/change.ts'
import { isHostName } from '../domain/host.ts'
import { branded, exactly, finite, flag, instant, objectOf, text, unionBy } from './exact-shape.ts'

/** A change in one file: the record as a line of JSON, and behind it the bytes that were there before. */

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

const NEWLINE = 0x0a

export function changeFile(kept: ChangeRecord, content: Buffer | undefined): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(kept)}\n`), content ?? Buffer.alloc(0)])
}

/** Undefined for what is not whole, down to the last byte of what was kept. */
export function parseChange(file: Buffer): KeptChange | undefined {
  const known = parseChangeRecord(file)
  if (known === undefined) return undefined
  const content = file.subarray(file.indexOf(NEWLINE) + 1)
  const { before } = known
  if (before.kind === 'absent') return content.length === 0 ? { record: known } : undefined
  const sha256 = createHash('sha256').update(content).digest('hex')
  return sha256 === before.sha256 ? { record: known, content } : undefined
}

/** The record alone, of a file or of its beginning. */
export function parseChangeRecord(file: Buffer): ChangeRecord | undefined {
  const end = file.indexOf(NEWLINE)
  try {
    return end < 0 ? undefined : record(JSON.parse(file.toString('utf8', 0, end)))
  } catch {
    return undefined
  }
}
