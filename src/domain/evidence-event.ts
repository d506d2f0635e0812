type Signed = {
  /** The public key: 32 bytes as base64url. */
  readonly key: string
  readonly signature: string
}

/** What the audit states of itself, so that others can see that nothing is missing. `log` names it: no two have the same. */
export type EvidenceEvent =
  /** The first record of a log. */
  | ({ readonly type: 'audit.opened'; readonly at: Date; readonly log: string } & Signed)
  /** The record `signed`, which is durable, has this digest. */
  | ({
      readonly type: 'audit.checkpoint'
      readonly at: Date
      readonly log: string
      readonly signed: number
      readonly hash: string
    } & Signed)
  /** Another key signs too from here on. Without a signature: the one before was lost, and verifiers have to be told of the new one. */
  | ({
      readonly type: 'audit.key_added'
      readonly at: Date
      readonly log: string
      readonly added: string
    } & Partial<Signed>)
  /** Every record up to `signed`, which has this digest, was too old and is gone. */
  | ({
      readonly type: 'audit.pruned'
      readonly at: Date
      readonly log: string
      readonly signed: number
      readonly hash: string
    } & Signed)
