import { read } from '../../bridge-client.ts'

/** What a record says: members as docs/AUDIT.md describes them, and whatever a later version writes. */
export type Facts = Readonly<Record<string, unknown>>

export interface AuditRecord {
  readonly seq: number
  /** SHA-256 of its line. */
  readonly hash: string
  readonly record: Facts
}

interface Found {
  readonly records: readonly AuditRecord[]
  /** So many are not in the index yet and were not looked at. */
  readonly unindexed: number
}

/** By which records are looked for; of the same names as in the address of the page and in REST. */
export const FIELDS = ['text', 'person', 'host', 'action', 'type', 'outcome'] as const
export type Field = (typeof FIELDS)[number]

export type Query = Readonly<
  Partial<Record<Field | 'call' | 'since' | 'until', string>> & { before?: number; limit?: number }
>

/** The newest first. That they were looked for is on record too. */
export function findRecords(query: Query, signal?: AbortSignal): Promise<Found> {
  return read<Found>('/audit', query, signal)
}

/** Its line in the log, exactly; undefined when it is not there any more. */
export async function lineOf(seq: number): Promise<string | undefined> {
  const { lines } = await read<{ lines: readonly string[] }>('/audit/export', { after: seq - 1, limit: 1 })
  return lines[0]
}

/** A member as text: the audit holds texts, numbers, lists and objects. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function typeOf({ record }: AuditRecord): string {
  return textOf(record.type)
}

export function callOf({ record }: AuditRecord): string | undefined {
  return typeof record.call === 'string' ? record.call : undefined
}

/** Somebody as people know them. */
export function nameOf(principal: unknown): string {
  if (typeof principal !== 'object' || principal === null) return textOf(principal)
  const { email, name, subject } = principal as Facts
  return textOf(email ?? name ?? subject)
}

/** Who did it, wherever the record has that. */
export function personOf({ record }: AuditRecord): string {
  const { principal, username, name, subject, by } = record
  return nameOf(principal) || textOf(username ?? name ?? subject) || nameOf(by)
}

/** What auditors and approvers do to look at something: shown on a page of the console it is a call, and mostly nobody looks for that. */
const LOOKING: ReadonlySet<string> = new Set([
  'search_audit',
  'read_audit_record',
  'export_audit',
  'verify_audit',
  'list_recordings',
  'read_recording',
  'read_recording_cast',
  'list_approvals',
  'list_grants',
  'list_taints',
  'list_locks',
  'list_hosts',
  'get_session_stats',
])

/** Looking at pages of the console, which the console itself puts on record. */
export function isLooking({ record }: AuditRecord): boolean {
  return record.edge === 'console' && LOOKING.has(textOf(record.action)) && record.verdict !== 'deny'
}
