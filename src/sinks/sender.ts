import type { AuditLine } from '../domain/sink.ts'

/** How records reach one sink. Used by one `Feed`, one call at a time. */
export interface Sender {
  /** The most that is sent at once. */
  readonly most: { readonly records: number; readonly bytes: number }
  /**
   * Called before the first record, and after each fault: nothing of before counts any more.
   *
   * @param place how far the sink has got as the database knows it. Resolves to where the sink really is.
   */
  begin(place: { readonly seq: number; readonly head: number }): Promise<number>
  /** Resolves once the sink has them all. Rejects with a `SinkFault`, and then it may have some. */
  send(records: readonly AuditLine[], signal: AbortSignal): Promise<void>
  /** Nothing is left to send; `isLast`: nor will be. */
  idle?(signal: AbortSignal, isLast: boolean): Promise<void>
  /** Up to where nothing has to be sent again, for sinks that say nothing; absent: as far as was sent. */
  settled?(): number
  close(): Promise<void>
}

/** A sink does not take records now. The message is for operators: no secret, no record. */
export class SinkFault extends Error {
  /** When the sink itself says when to come back. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options)
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What failed, by its code: the platform's own message can hold a path or an address with a secret in it. */
export function codeOf(cause: unknown): string {
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' ? code : 'no answer'
}
