import type { Call } from './call.ts'

/** What a caller can show to others: which record says how the call ended, and what was answered. Verified without the bridge. */
export interface Receipt {
  readonly type: 'receipt'
  /** The log of which the record is. */
  readonly log: string
  readonly call: string
  /** The record and its digest. */
  readonly signed: number
  readonly hash: string
  /** Of `stdout` and `stderr` as the answer has them, in UTF-8. */
  readonly stdout_sha256: string
  readonly stderr_sha256: string
  readonly at: string
  readonly key: string
  readonly signature: string
}

/** Writes receipts, where the configuration asks for them. */
export interface Receipts {
  /** Of a call that has ended, and its output as it is answered. Undefined where none are asked for. Never rejects: an answer is not withheld for a receipt. */
  receiptOf(
    call: Call,
    output: { readonly stdout: string; readonly stderr: string },
  ): Promise<Receipt | undefined>
}
