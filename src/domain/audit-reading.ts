/** What is looked for in the audit: each that is given has to hold. */
export interface AuditSearch {
  /** Words that all stand in the record; `word*` for a beginning. */
  readonly text?: string
  readonly person?: string
  readonly host?: string
  readonly action?: string
  readonly type?: string
  readonly outcome?: string
  readonly call?: string
  readonly since?: Date
  readonly until?: Date
  /** Only records before this one: the next page. */
  readonly before?: number
  readonly limit: number
}

/** Reading what others did. None of it reaches a host, and none of it changes anything. */
export type ReadAuditAction =
  | { readonly kind: 'search_audit'; readonly query: AuditSearch }
  | { readonly kind: 'read_audit_record'; readonly seq: number }
  /** Whole records in their order, to take elsewhere. */
  | { readonly kind: 'export_audit'; readonly after: number; readonly limit: number }
  | { readonly kind: 'verify_audit' }

/** A record with its place, as one line of JSON. */
export interface RecordLine {
  readonly seq: number
  readonly hash: string
  readonly line: string
}

export type ReadAuditAnswer =
  | { readonly kind: 'audit_found'; readonly records: readonly RecordLine[]; readonly unindexed: number }
  | { readonly kind: 'audit_record'; readonly record: RecordLine }
  | { readonly kind: 'audit_exported'; readonly records: readonly RecordLine[] }
  | { readonly kind: 'audit_verified'; readonly verified: AuditVerified }

/** `bad` is the first record that is not as it was written. */
export interface AuditVerified {
  readonly bad?: { readonly seq: number; readonly fault: string; readonly why: string }
  readonly log?: string
  readonly records: number
  readonly signedTo: number
  readonly unsigned: number
}

/** Reads the audit for those who may. */
export interface AuditReader {
  search(query: AuditSearch): Promise<{ readonly records: readonly RecordLine[]; readonly unindexed: number }>
  /** The records behind `after`, at most `limit`. */
  after(after: number, limit: number): Promise<readonly RecordLine[]>
  /** Goes through all of it; asked several times at once, it is done once. */
  verify(): Promise<AuditVerified>
}
