import type { Blocks } from './ssh-config-blocks.ts'
import type { SshConfigFile } from './ssh-config-file.ts'
import type { Candidate } from './ssh-config-match.ts'

/** Whom the configuration is asked about. `user` and `port` win over it, as those of a command line or of a ProxyJump do. */
export interface Asked {
  readonly name: string
  readonly user?: string
  readonly port?: string
  readonly localUser: string
}

/** What an OpenSSH configuration says of one host. */
export interface SshOptions {
  /** A `Host` line that holds spells the name out. */
  readonly isNamed: boolean
  /** The name or address to connect to, in small letters. */
  readonly address: string
  /** The first word of the value that holds. */
  one(keyword: string): string | undefined
  /** All words: of `IdentityFile` and `CertificateFile` those of every line that holds, in order. */
  all(keyword: string): readonly string[]
}

/** These add up; of every other keyword the first value holds. */
const ADDING = new Set(['identityfile', 'certificatefile'])

/** Asks the configuration about one host, the way OpenSSH does: from the top, first value wins, twice where `Match final` asks for it. */
export function sshOptionsOf({ blocks }: SshConfigFile, asked: Asked): SshOptions {
  const values = new Map<string, readonly string[]>()
  if (asked.user !== undefined) values.set('user', [asked.user])
  if (asked.port !== undefined) values.set('port', [asked.port])
  let isNamed = false
  const address = () => resolved(values.get('hostname')?.[0] ?? asked.name, asked.name)

  const read = (some: Blocks, candidate: Candidate): void => {
    for (const { condition, names, items } of some.about(candidate.name)) {
      if (!condition.matches(candidate)) continue
      isNamed ||= !candidate.isFinal && names.includes(asked.name)
      for (const item of items) {
        if ('included' in item) read(item.included, candidate)
        else take(values, item.keyword, item.words)
      }
    }
  }
  const candidate: Candidate = {
    original: asked.name,
    name: asked.name,
    address,
    user: () => values.get('user')?.[0] ?? asked.localUser,
    localUser: asked.localUser,
    isFinal: false,
  }
  read(blocks, candidate)
  if (blocks.wantsFinal) {
    const first = address().toLowerCase()
    values.set('hostname', [first.replaceAll('%', '%%')])
    read(blocks, { ...candidate, name: first, isFinal: true })
  }
  return {
    isNamed,
    address: address().toLowerCase(),
    one: (keyword) => values.get(keyword)?.[0],
    all: (keyword) => values.get(keyword) ?? [],
  }
}

function take(values: Map<string, readonly string[]>, keyword: string, words: readonly string[]): void {
  if (words.length === 0) return
  // Whichever of the two comes first keeps the other out; but `ProxyJump none` leaves room for a command.
  if (keyword === 'proxyjump' && values.has('proxycommand')) return
  if (keyword === 'proxycommand' && (values.get('proxyjump')?.[0] ?? 'none').toLowerCase() !== 'none') return
  const before = values.get(keyword)
  if (before === undefined) values.set(keyword, words)
  else if (ADDING.has(keyword)) values.set(keyword, [...new Set([...before, ...words])])
}

/** `HostName` knows `%h`, the name as it was asked for, and `%%`. */
function resolved(hostname: string, name: string): string {
  return hostname.replace(/%([h%])/g, (_whole, token: string) => (token === 'h' ? name : '%'))
}
