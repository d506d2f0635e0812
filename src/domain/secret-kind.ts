/**
 * Kinds of secrets that are recognized in what hosts give by how they look, without being known. Each is found by a file of its own in
 * `pipeline/redaction/kinds`; the names are those of the configuration and of the notes that a caller reads.
 */
export const SECRET_KINDS = [
  'private_key',
  'cloud_key',
  'git_token',
  'chat_token',
  'payment_key',
  'package_token',
  'service_token',
  'jwt',
  'url_password',
  'password_hash',
  'password_file',
  'authorization',
  'assignment',
] as const

export type SecretKind = (typeof SECRET_KINDS)[number]

/** The longest that is recognised: a private key of 16,384 bits as text. So much beside a piece of a stream has to be looked at too. */
export const LONGEST_SECRET_BYTES = 16 * 1024

/** Why something was taken out: it is a credential of the configuration, or it looks like one of a kind. */
export type RedactedKind = 'configured' | 'custom' | SecretKind

/** How many of each kind were taken out. */
export type RedactedKinds = Readonly<Partial<Record<RedactedKind, number>>>
