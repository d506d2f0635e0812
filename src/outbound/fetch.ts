/**
 * What asks the network for this program: the shape of the platform's `fetch`, so that libraries take it as it is. Made by
 * `guardedFetch`; nothing else in the house opens a connection to an address that somebody else may have chosen.
 */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** What may be asked, as the configuration says. */
export interface OutboundSettings {
  /** CIDR ranges that are not public and may be reached all the same. */
  readonly privateAddresses: readonly string[]
  /** Addresses (`http://127.0.0.1:9000`) that the operator wrote down; only these may be loopback, or plain http. */
  readonly configuredOrigins: ReadonlySet<string>
}

/** Why a request was not made, or its answer not taken. */
export type OutboundFault =
  | 'not_https'
  | 'credentials_in_url'
  | 'unknown_host'
  | 'not_public'
  | 'unreachable'
  | 'redirected'
  | 'too_large'
  | 'bad_encoding'
  | 'timeout'

/**
 * Names the host and what to write where it is the configuration that forbids; never a path, a query, a header or a body, in which there
 * may be a secret. The message is for the operator: it tells where a name leads, so a stranger is only told `fault`.
 */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly fault: OutboundFault

  constructor(fault: OutboundFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
