import type { RefusalReason } from './refusals.ts'

/** Longer than any token a provider issues, shorter than what makes parsing and hashing costly. Characters, which are bytes here. */
const MAX_AUTHORIZATION_BYTES = 16 * 1024

export type Bearer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

// RFC 9110 §11.4: scheme, 1*SP, credentials. A tab, a fold or any other control character is none of these.
const CREDENTIALS = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/

/**
 * RFC 6750 §2.1 allows `A-Za-z0-9-._~+/=`. API keys chosen by people hold more than that, so any visible ASCII is taken except the
 * comma and the quote, which would make one header look like several. A JWT is held to its own alphabet later.
 */
const TOKEN = /^[\x21\x23-\x2b\x2d-\x7e]+$/

/** Takes the one token out of a request's `Authorization` values; looks nowhere else (no query, no form, no cookie). */
export function parseBearer(values: readonly string[]): Bearer {
  const [value, ...more] = values
  if (value === undefined) return refused('no_credentials')
  if (more.length > 0) return refused('several_credentials')
  if (value.length > MAX_AUTHORIZATION_BYTES) return refused('credentials_too_long')

  const text = value.replace(/^ +| +$/g, '')
  if (text === '') return refused('no_credentials')
  const [, scheme, token = ''] = CREDENTIALS.exec(text) ?? []
  if (scheme === undefined) return refused('malformed_authorization')
  if (scheme.toLowerCase() !== 'bearer') return refused('unsupported_scheme')
  return TOKEN.test(token) ? { kind: 'token', token } : refused('malformed_authorization')
}

function refused(reason: RefusalReason): Bearer {
  return { kind: 'refused', reason }
}
