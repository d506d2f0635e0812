/** What the rules say to a call. `approve` (ask a human) joins the union with the rules themselves. */
export type Decision =
  | { readonly verdict: 'allow'; readonly rule: string }
  | { readonly verdict: 'deny'; readonly rule: string; readonly reason: DenyReason }

export type DenyReason =
  /** The host does not exist, or the caller may do nothing on it: the two are never told apart. */
  | { readonly code: 'host_not_found' }
  /** Scopes would help: RFC 6750 §3.1 `insufficient_scope`. `required` is everything this operation needs, at once. */
  | {
      readonly code: 'insufficient_scope'
      readonly missing: readonly string[]
      readonly required: readonly string[]
    }
  /** Locked out, shutting down, over a limit. */
  | { readonly code: 'rate_limited'; readonly retryAfterMs: number }
  | { readonly code: 'shutting_down' }
