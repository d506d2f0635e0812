import { createHash } from 'node:crypto'

/** May do everything. */
export const MASTER = 'master-key-0123456789'
/** May run commands. */
export const CI = 'ci-key-0123456789abc'
/** Holds a scope that no host asks for. */
export const READER = 'reader-key-012345678'
/** Has expired. */
export const OLD = 'old-key-0123456789ab'
/** Is not among the configured ones. */
export const WRONG = 'wrong-key-0123456789'

export const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
const named = (name: string, key: string, more: string) =>
  `    - {name: ${name}, sha256: ${sha256(key)}, ${more}}`
const reader = named('reader', READER, 'scopes: ["files:read"]')
const old = named('old', OLD, 'scopes: ["mcp:execute"], expires: "2020-01-01T00:00:00Z"')
/** YAML below `server:`. */
export const KEYS = [
  `  api_key: ${MASTER}`,
  '  api_keys:',
  named('ci', CI, 'scopes: ["mcp:execute"]'),
  reader,
  old,
].join('\n')
export const KEYS_WITHOUT_CI = [`  api_key: ${MASTER}`, '  api_keys:', reader, old].join('\n')
