/** Why somebody could not be signed in at the provider. */
export type FaultReason =
  | 'upstream_unreachable'
  | 'upstream_misconfigured'
  | 'upstream_refused_client'
  | 'upstream_refused'
  | 'upstream_answer_invalid'
  | 'upstream_clock'
  | 'upstream_no_subject'
  | 'groups_overage'
  | 'malformed_claim'
  | 'wrong_tenant'
  | 'wrong_address'
  | 'email_not_verified'
  | 'declined'

/**
 * Told to the person on a page and, with its cause, to the operator in the log. `whatToDo` names what to fix and where; neither it nor
 * the message holds anything secret, nor text that the provider or the browser chose.
 */
export class UpstreamFault extends Error {
  override readonly name = 'UpstreamFault'
  readonly reason: FaultReason
  readonly whatToDo: string
  /** Who it was, where that is known. */
  readonly who: { readonly issuer: string; readonly subject: string } | undefined

  constructor(
    reason: FaultReason,
    message: string,
    whatToDo: string,
    options: ErrorOptions & { readonly who?: { readonly issuer: string; readonly subject: string } } = {},
  ) {
    super(message, options)
    this.reason = reason
    this.whatToDo = whatToDo
    this.who = options.who && { issuer: options.who.issuer, subject: options.who.subject }
  }

  get status(): number {
    if (this.reason === 'upstream_unreachable') return 503
    return BY_PERSON.has(this.reason) ? 403 : 502
  }
}

/** Nothing is wrong with the set-up: this person may not, or did not want to. */
const BY_PERSON: ReadonlySet<FaultReason> = new Set([
  'groups_overage',
  'wrong_tenant',
  'wrong_address',
  'email_not_verified',
  'declined',
])
