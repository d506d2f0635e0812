/**
 * Told of what takes its time, where it happens. Empty until somebody listens, so that a bridge whose metrics nobody asks for counts
 * nothing. What is told names no host, command or person.
 */
export interface Meter {
  /** A statement of the database, or a whole transaction. */
  statement?(kind: 'read' | 'write' | 'transaction' | 'scan', tookMs: number, isWell: boolean): void
  /** Records that went into the audit together. */
  appended?(records: number, tookMs: number): void
  /** A connection to a host was asked for; how that ended. */
  connected?(result: 'connected' | 'failed', tookMs: number): void
  /** Spans of traces. */
  spans?(result: 'sent' | 'dropped', count: number): void
  /** A recording has begun, could not be, or has ended. */
  recording?(event: 'started' | 'refused' | 'complete' | 'full' | 'broken' | 'cut', storedBytes: number): void
}

/** What is open towards the hosts, of all callers together. */
export interface HostTotals {
  /** Connections with a command or terminal on them, without, and those that are being made. */
  readonly busy: number
  readonly idle: number
  readonly connecting: number
  /** Channels in use. */
  readonly channels: number
  /** Calls that wait for a channel. */
  readonly waiting: number
  readonly terminals: number
}
