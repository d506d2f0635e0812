import type { Answer } from '../domain/answer.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

type Of<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>

/** What went from one host to another. */
export type WireTransfer = WireCleaned & {
  readonly files: number
  readonly directories: number
  readonly bytes: number
  /** Of these, what was there from an earlier transfer. */
  readonly resumed_bytes: number
  /** Of the file; of a directory that of the listing `sha256  path` of its files, sorted by the bytes of their paths. */
  readonly sha256: string
  /** What was left out, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
  readonly duration_ms: number
  /** Of one file, for `undo_change`; absent where it cannot be undone. */
  readonly change_id?: string
  readonly note?: string
}

export function wireTransfer(answer: Of<'transferred'>): WireTransfer {
  const { files, directories, bytes, resumedBytes, sha256, skipped, durationMs, cleaned } = answer
  const { changeId, note } = answer
  return {
    files,
    directories,
    bytes,
    resumed_bytes: resumedBytes,
    sha256,
    skipped,
    duration_ms: durationMs,
    ...(changeId !== undefined && { change_id: changeId }),
    ...(note !== undefined && { note }),
    ...wireCleaned(cleaned),
  }
}

/** Whoever has the address has the file: GET for a download, PUT for an upload, once. */
export type WireLink = {
  readonly direction: 'download' | 'upload'
  readonly url: string
  readonly expires_at: string
  readonly bytes?: number
}

export function wireLink({ direction, url, expiresAt, bytes }: Of<'link_made'>): WireLink {
  return { direction, url, expires_at: expiresAt.toISOString(), ...(bytes !== undefined && { bytes }) }
}
