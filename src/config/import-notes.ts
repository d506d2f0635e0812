import type { PlannedHost } from './import-plan.ts'
import type { SshOptions } from './ssh-config-options.ts'

/** What an imported host asks for and does not get, and what to do instead. One line each, however many hosts ask. */
export function importNotes(hosts: readonly PlannedHost[]): string[] {
  return NOTES.flatMap(({ applies, text }) => {
    const names = hosts.filter(({ options }) => applies(options)).map(({ tokens }) => tokens.name)
    return names.length === 0 ? [] : [`${text} (OpenSSH configuration: ${listed(names)})`]
  })
}

export function listed(names: readonly string[]): string {
  const unique = [...new Set(names)]
  const more = unique.length > 5 ? ` and ${unique.length - 5} more` : ''
  return unique.slice(0, 5).join(', ') + more
}

interface Note {
  readonly applies: (options: SshOptions) => boolean
  readonly text: string
}

const isOneOf = (keyword: string, values: readonly string[]) => (options: SshOptions) =>
  values.includes((options.one(keyword) ?? '').toLowerCase())
const isGiven = (keyword: string) => (options: SshOptions) =>
  options.one(keyword) !== undefined && options.one(keyword)?.toLowerCase() !== 'none'

const NOTES: readonly Note[] = [
  {
    applies: isOneOf('stricthostkeychecking', ['no', 'off', 'accept-new']),
    text: 'StrictHostKeyChecking is ignored: a key that is not trusted is never accepted; ssh-mcp-bridge hosts trust NAME trusts it',
  },
  {
    applies: isGiven('userknownhostsfile'),
    text: 'UserKnownHostsFile is ignored: known_hosts files are named in ssh.known_hosts',
  },
  {
    applies: isGiven('hostkeyalias'),
    text: 'HostKeyAlias is ignored: the key is looked up by address and port; ssh-mcp-bridge hosts trust NAME trusts it',
  },
  {
    applies: isGiven('certificatefile'),
    text: 'CertificateFile is ignored: only keys are offered',
  },
  {
    applies: isOneOf('canonicalizehostname', ['yes', 'always']),
    text: 'CanonicalizeHostname is ignored: write the whole name in HostName',
  },
  {
    applies: (options) => ALGORITHM_LISTS.some((keyword) => asksForOld(options.one(keyword))),
    text: 'Algorithms with SHA-1, DSA, CBC or RC4 are not offered to imported hosts: a device that needs them goes into hosts with algorithms: legacy',
  },
]

const ALGORITHM_LISTS = [
  'kexalgorithms',
  'hostkeyalgorithms',
  'pubkeyacceptedalgorithms',
  'pubkeyacceptedkeytypes',
  'ciphers',
  'macs',
]

const OLD =
  /(^|,)(diffie-hellman-group(1|14|-exchange)-sha1|ssh-rsa|ssh-dss|[^,]*-cbc|arcfour\d*|hmac-(sha1|md5)(-96)?)(?=,|$)/

/** A list that begins with `-` takes algorithms away. */
function asksForOld(list: string | undefined): boolean {
  return list !== undefined && !list.startsWith('-') && OLD.test(list.replace(/^[+^]/, ''))
}
