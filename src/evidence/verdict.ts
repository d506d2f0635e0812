/** What is wrong with a log, stable, for programs. */
export type Fault =
  | 'not_a_record'
  | 'missing'
  | 'twice'
  | 'changed'
  | 'beginning_missing'
  | 'another_log'
  | 'untrusted_key'
  | 'bad_signature'
  | 'made_anew'
  | 'truncated'
  | 'unsigned'
  | 'cut_back'
  | 'anchor_differs'
  | 'bad_anchor'
  | 'column_differs'

/** The first record that is not as it was written, with the line it stands in. */
export interface Bad {
  readonly seq: number
  readonly line: number
  readonly fault: Fault
  readonly why: string
}

export interface Verdict {
  /** Absent: every record is as it was written. */
  readonly bad?: Bad
  readonly log?: string
  readonly records: number
  readonly first: number
  readonly last: number
  /** Up to this record nothing can have been changed without the key; 0: nothing is signed. */
  readonly signedTo: number
  /** Records after it. */
  readonly unsigned: number
  /** When the newest signature was made. */
  readonly signedAt?: string
  readonly checkpoints: number
}

/** The log is not as it was written. */
export class BadLog extends Error {
  readonly bad: Bad
  /** The record whose digest is signed otherwise. */
  readonly signs: number | undefined

  constructor(bad: Bad, signs?: number) {
    super(bad.why)
    this.bad = bad
    this.signs = signs
  }
}
