import type { HostName, Sudo } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** What sudo (1.8 and later, and sudo-rs) says in the C locale, and what it means to whoever runs the bridge. First match. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/account is locked|account locked|too many failed/i, 'the account is locked there'],
  [
    /(?:password|account)(?: or password)? (?:is |has )?expired|account validation/i,
    'the account or its password has expired',
  ],
  [
    /incorrect password|incorrect authentication attempt|try again/i,
    'it does not take the configured password (hosts[].sudo). It was tried once',
  ],
  [
    /must have a tty|no tty present/i,
    'it demands a terminal there (requiretty); whoever runs the host can lift that with "Defaults:USER !requiretty" in sudoers',
  ],
  [
    /not in the sudoers|not allowed to|may not run sudo/i,
    "sudoers does not allow the bridge's login on the host to run its shell as root",
  ],
  [
    /no new privileges|effective uid is not 0|must be owned by uid 0|nosuid/i,
    'it cannot become root on this host',
  ],
]

const SHORTEST_SECRET = 4

/**
 * sudo ended without starting the command: what it said, read for its cause. Its own words name the login, so they go to the operator's
 * log alone, and without the password should a program in sudo's place have repeated it.
 */
export function sudoRefusal(host: HostName, sudo: Sudo, said: string, status: number): NotStarted {
  const words =
    sudo.kind === 'password' && sudo.password.length >= SHORTEST_SECRET
      ? said.replaceAll(sudo.password, '[redacted]')
      : said
  return {
    kind: 'not_started',
    code: 'sudo_failed',
    message: `sudo on ${host} did not start the command: ${meaning(said, sudo, status)}. Nothing was run.`,
    detail: `sudo exited with ${status}: ${JSON.stringify(words.slice(-2_000))}`,
  }
}

function meaning(said: string, sudo: Sudo, status: number): string {
  const known = MEANINGS.find(([words]) => words.test(said))
  if (known !== undefined) return known[1]
  if (/password is required|no password was provided/i.test(said))
    return sudo.kind === 'nopasswd'
      ? 'it asks for a password, and the host is configured with sudo: nopasswd'
      : 'it asks for more than a password, or asked too late'
  if (status === 127 || /not found/i.test(said))
    return 'it is not installed there, or not on the PATH of the login'
  return `it ended with exit status ${status}; the log of the bridge has its words`
}

/** A host on which nobody may become root. */
export function sudoNotOffered(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} takes no sudo. Whoever runs the bridge allows it with hosts[].sudo (nopasswd, or {password: …}). Nothing was run.`,
  }
}
