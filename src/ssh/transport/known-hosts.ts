import { createHmac } from 'node:crypto'

/** What known_hosts says of a key that a host showed. The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export type KnownHostsVerdict =
  | { readonly kind: 'trusted' }
  /** Nothing is known of the host, or only a certificate authority: host certificates are not supported. */
  | { readonly kind: 'unknown'; readonly authorityKnown: boolean }
  /** Keys are known for the host and this is none of them. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'revoked' }

export interface KnownHost {
  readonly marker?: 'revoked' | 'cert-authority'
  readonly matches: (name: string) => boolean
  readonly keyType: string
  readonly key: Buffer
}

/** The lines of a file. Comments, empty lines, and lines that are not of the format are skipped, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text
    .split('\n')
    .map(parseLine)
    .filter((entry) => entry !== undefined)
}

/**
 * Asks the entries of all files, in the order of the files. A revoked key is refused whatever else is said of it. For a port that
 * is not 22 the entry is `[host]:port`; a key that is trusted for the plain name is accepted there too, as OpenSSH does.
 */
export function checkKnownHosts(
  entries: readonly KnownHost[],
  address: string,
  port: number,
  key: Buffer,
): KnownHostsVerdict {
  const exact = entriesFor(entries, address, port)
  const any = knownFor(entries, address, port)
  if (any.some((entry) => entry.marker === 'revoked' && entry.key.equals(key))) return { kind: 'revoked' }
  if (any.some((entry) => entry.marker === undefined && entry.key.equals(key))) return { kind: 'trusted' }
  if (exact.some((entry) => entry.marker === undefined)) return { kind: 'changed' }
  return { kind: 'unknown', authorityKnown: exact.some((entry) => entry.marker === 'cert-authority') }
}

/** Every entry that has a say about the host. */
export function knownFor(entries: readonly KnownHost[], address: string, port: number): KnownHost[] {
  const plain = address.toLowerCase()
  const exact = entriesFor(entries, address, port)
  return port === 22 ? exact : [...exact, ...entries.filter((entry) => entry.matches(plain))]
}

/** The types of the keys that would be trusted, so that the host can be asked for one of these. */
export function knownKeyTypes(entries: readonly KnownHost[], address: string, port: number): string[] {
  const exact = entriesFor(entries, address, port)
  const own = exact.filter((entry) => entry.marker === undefined)
  const plain = address.toLowerCase()
  const fallback = entries.filter((entry) => entry.marker === undefined && entry.matches(plain))
  return [...new Set((own.length > 0 ? own : fallback).map((entry) => entry.keyType))]
}

/** The name under which a host stands in known_hosts. */
export function knownHostsName(address: string, port: number): string {
  const name = address.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** The type that stands at the beginning of a public key blob (RFC 4253 §6.6). */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return ''
  const length = key.readUInt32BE(0)
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length)
}

function entriesFor(entries: readonly KnownHost[], address: string, port: number): KnownHost[] {
  const name = knownHostsName(address, port)
  return entries.filter((entry) => entry.matches(name))
}

function parseLine(line: string): KnownHost | undefined {
  const words = line.trim().split(/[ \t]+/)
  if (words[0] === '' || words[0]?.startsWith('#')) return undefined
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return undefined
  const [names, keyType, encoded] = words
  if (names === undefined || keyType === undefined || encoded === undefined) return undefined
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const key = Buffer.from(encoded, 'base64')
  if (keyTypeOf(key) !== keyType) return undefined
  const matches = names.startsWith('|') ? hashedName(names) : listOfNames(names)
  if (matches === undefined) return undefined
  return {
    ...(marker !== undefined && { marker: marker === '@revoked' ? 'revoked' : 'cert-authority' }),
    matches,
    keyType,
    key,
  }
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both in base64. SHA-1 is the format's and hides names; it proves nothing. */
function hashedName(field: string): KnownHost['matches'] | undefined {
  const [, version, salt, hash] = field.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return undefined
  const key = Buffer.from(salt, 'base64')
  return (name) => createHmac('sha1', key).update(name).digest('base64') === hash
}

/** Patterns separated by commas. One that begins with `!` and matches excludes the whole line. */
function listOfNames(field: string): KnownHost['matches'] {
  const patterns = field
    .split(',')
    .filter((pattern) => pattern !== '' && pattern !== '!')
    .map((pattern) => ({
      negated: pattern.startsWith('!'),
      matches: wildcard(pattern.replace(/^!/, '').toLowerCase()),
    }))
  return (name) => {
    const matching = patterns.filter((pattern) => pattern.matches(name))
    return matching.length > 0 && !matching.some((pattern) => pattern.negated)
  }
}

/** `*` stands for any text, `?` for one character. Linear time: a file of others must not be able to hold us up. */
function wildcard(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern
  return (text) => {
    let [at, star, resume] = [0, -1, 0]
    for (let next = 0; next < text.length; ) {
      if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[next]) && pattern[at] !== '*') {
        at += 1
        next += 1
      } else if (pattern[at] === '*') {
        star = at
        resume = next
        at += 1
      } else if (star >= 0) {
        at = star + 1
        resume += 1
        next = resume
      } else return false
    }
    while (pattern[at] === '*') at += 1
    return at === pattern.length
  }
}
