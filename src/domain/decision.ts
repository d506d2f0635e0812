/** What kind of right an action needs. `read`: understood and changes nothing; `run`: every other command. */
export const ACTION_CLASSES = ['read', 'run', 'write', 'sudo', 'session', 'terminal', 'transfer'] as const
export type ActionClass = (typeof ACTION_CLASSES)[number]

/** What the rules say to a call. */
export type Decision = Allowed | NeedsApproval | Denied

interface Decided {
  /** Of the rule that decided; of several for the parts of one command, all, in order. */
  readonly rule: string
  /** The version of the rules that were asked; absent where none are configured. */
  readonly policy?: string
  /** The rights that the call needs. */
  readonly classes?: readonly ActionClass[]
  /** What was understood of a command, a line for each program. */
  readonly understood?: readonly string[]
  /** A rule of effect `observe` would have said this, had it been in force. */
  readonly observed?: { readonly rule: string; readonly verdict: Decision['verdict'] }
  /** The caller counted as tainted: where what it had read stood. */
  readonly tainted?: string
}

export interface Allowed extends Decided {
  readonly verdict: 'allow'
  /**
   * What is run in place of the command's text, because it was allowed for what was understood of it. Outside any session, in the
   * session's directory.
   */
  readonly script?: string
}

export interface NeedsApproval extends Decided {
  readonly verdict: 'approve'
  readonly terms: ApprovalTerms
}

export interface Denied extends Decided {
  readonly verdict: 'deny'
  readonly reason: DenyReason
}

/** Who has to say yes, and how long the question stands. */
export interface ApprovalTerms {
  /** Roles; who holds one of them may decide, unless it is the requester. */
  readonly approvers: readonly string[]
  /** So many different people. */
  readonly count: number
  readonly expiresAfterMs: number
  /** The requester's own client may confirm instead: recorded as a confirmation, never as a second person. */
  readonly selfApprove: boolean
}

export type DenyReason =
  /** The host does not exist, or the caller may do nothing on it: the two are never told apart. */
  | { readonly code: 'host_not_found' }
  /** The caller may use the host, but not for this. */
  | { readonly code: 'forbidden'; readonly why: string }
  /** Scopes would help: RFC 6750 §3.1 `insufficient_scope`. `required` is everything this operation needs, at once. */
  | {
      readonly code: 'insufficient_scope'
      readonly missing: readonly string[]
      readonly required: readonly string[]
    }
  /** Over a limit; `budget` says in words which, where it is not that of calls in a minute. */
  | { readonly code: 'rate_limited'; readonly retryAfterMs: number; readonly budget?: string }
  /** A lock is in force for the caller, its client, its key, the host, or all. */
  | { readonly code: 'locked' }
  /** Nobody can tell now what is locked. */
  | { readonly code: 'locks_unavailable' }
  | { readonly code: 'shutting_down' }
