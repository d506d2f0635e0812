import type { Principal } from './principal.ts'

/** What a request presents, before anything of it is believed. */
export interface PresentedCredentials {
  /** Every `Authorization` field value of the request, in order; more than one is refused. */
  readonly authorization: readonly string[]
  /** Names the source of repeated failures, so that guessing keys is slowed down. */
  readonly remoteAddress?: string
}

export type Authentication =
  | { readonly kind: 'accepted'; readonly principal: Principal; readonly expiresAt?: Date }
  | AuthenticationRefused

export interface AuthenticationRefused {
  readonly kind: 'refused'
  readonly code: 'unauthenticated' | 'bad_request' | 'rate_limited' | 'auth_unavailable'
  /** For the audit, stable: `no_credentials`, `token_expired`, `bad_signature`, `wrong_audience`, … Never sent to the caller. */
  readonly reason: string
  /** RFC 6750 §3.1; absent when no credentials came at all. */
  readonly error?: 'invalid_token' | 'invalid_request'
  /** For people, in the challenge's `error_description`: printable ASCII without `"` and `\`. */
  readonly description: string
  readonly retryAfterMs?: number
}

/** Bearer → Principal. Asked on every request; keeps no memory of earlier answers beyond cached public keys. */
export interface Authenticator {
  authenticate(presented: PresentedCredentials): Promise<Authentication>
}
