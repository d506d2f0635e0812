import type { ReadAuditAnswer, RecordLine } from '../domain/audit-reading.ts'
import { never } from '../lib/never.ts'

/** A record of the audit: its members are those of docs/AUDIT.md. */
export type WireRecord = {
  readonly seq: number
  /** SHA-256 of its line. */
  readonly hash: string
  readonly record: Readonly<Record<string, unknown>>
}

export type WireFound = { readonly records: readonly WireRecord[]; readonly unindexed: number }

/** Lines as they are, for whoever verifies them. */
export type WireExported = { readonly lines: readonly string[]; readonly next_after?: number }

export type WireVerified = {
  readonly good: boolean
  readonly bad?: { readonly seq: number; readonly fault: string; readonly why: string }
  readonly log?: string
  readonly records: number
  readonly signed_to: number
  readonly unsigned: number
}

export function wireAudit(answer: ReadAuditAnswer): WireFound | WireRecord | WireExported | WireVerified {
  switch (answer.kind) {
    case 'audit_found':
      return { records: answer.records.map(wireRecord), unindexed: answer.unindexed }
    case 'audit_record':
      return wireRecord(answer.record)
    case 'audit_exported': {
      const last = answer.records.at(-1)
      return {
        lines: answer.records.map(({ line }) => line),
        ...(last !== undefined && { next_after: last.seq }),
      }
    }
    case 'audit_verified': {
      const { bad, log, records, signedTo, unsigned } = answer.verified
      const good = bad === undefined
      return { good, ...(bad && { bad }), ...(log && { log }), records, signed_to: signedTo, unsigned }
    }
    default:
      return never(answer)
  }
}

function wireRecord({ seq, hash, line }: RecordLine): WireRecord {
  const { _chain, ...record } = JSON.parse(line) as Record<string, unknown>
  return { seq, hash, record }
}
