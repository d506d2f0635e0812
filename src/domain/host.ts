import type { ActionClass } from './decision.ts'

/** A host's name: what the model sees, and all it sees. Branded: only `hostName` makes one. */
export type HostName = string & { readonly HostName: unique symbol }

const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** @throws TypeError when the text is not 1–63 characters of `A-Za-z0-9._-` beginning with a letter or digit. */
export function hostName(text: string): HostName {
  if (!HOST_NAME.test(text)) throw new TypeError(`not a host name: ${JSON.stringify(text)}`)
  return text as HostName
}

export function isHostName(text: string): text is HostName {
  return HOST_NAME.test(text)
}

/** `exec`: each command alone. `shell`: directory, variables, functions, aliases, options and umask go from call to call. */
export type ExecutionMode = 'exec' | 'shell'

/** What rules and callers know of a host. No address, no user, no credential. */
export interface Host {
  readonly name: HostName
  readonly description: string
  readonly tags: readonly string[]
  readonly executionMode: ExecutionMode
  /** Scopes a caller must hold beside `mcp:execute` to act on this host. */
  readonly requiredScopes: readonly string[]
  /** `sudo: true` is taken. */
  readonly allowsSudo: boolean
  /** Live terminals may be opened. */
  readonly allowsTerminal: boolean
}

/** `auto`: asked of the host once. `windows`: cmd or PowerShell. `network`: a device with a command line of its own. */
export type Platform = 'auto' | 'posix' | 'windows' | 'network'

/**
 * How to reach a host and what to show it. Known to `ssh/` alone and never answered. Of a way that failed, the operator's log names
 * address, user and key file; credentials are never logged.
 */
export interface HostTarget {
  readonly host: Host
  readonly address: string
  readonly port: number
  readonly username: string
  readonly credential: Credential
  /** `SHA256:…` fingerprints; when given, one of them must match and known_hosts is not asked. */
  readonly hostKeys: readonly string[]
  /** Sets PAGER, GIT_PAGER, SYSTEMD_PAGER, … so that no command waits for a key press. */
  readonly disablePager: boolean
  /** The host to go through, by name. */
  readonly jump?: HostName
  /** Run on this machine instead of a TCP connection; its standard input and output are the connection. */
  readonly proxyCommand?: string
  readonly platform: Platform
  /** `legacy` also offers what old devices need and nobody else should: SHA-1 and CBC. */
  readonly algorithms: 'modern' | 'legacy'
  /** What keyboard-interactive questions are answered with, in order of matching (RFC 4256). */
  readonly answers: readonly PromptAnswer[]
  readonly sudo?: Sudo
  /** What the host itself is told of who asks. Absent, and what is not said in it: the variables are sent, nothing is logged there. */
  readonly attribution?: Attribution
  /** Only a way to other hosts: to callers it does not exist. */
  readonly isHop?: true
}

/** `env`: `SSH_MCP_CALL` and `SSH_MCP_USER` are sent. `syslog`: a line goes to the host's own syslog. */
export interface Attribution {
  readonly env?: boolean
  readonly syslog?: boolean
}

/** `prompt`: a part of the question, letters of any case. */
export type PromptAnswer =
  | { readonly prompt: string; readonly answer: string }
  /** The secret of a TOTP generator (RFC 6238), base32. */
  | { readonly prompt: string; readonly totpSecret: string }

/** How root's rights are had. The password goes to sudo's standard input and nowhere else. */
export type Sudo = { readonly kind: 'nopasswd' } | { readonly kind: 'password'; readonly password: string }

export type Credential =
  | { readonly kind: 'private_key'; readonly path: string; readonly passphrase?: string }
  | { readonly kind: 'password'; readonly password: string }
  /** `orKeyPath`: a key without a passphrase, offered when the agent has none that the host takes. */
  /** `onlyKeys`: public key files; other keys of the agent are not offered. */
  | {
      readonly kind: 'agent'
      readonly socket: string
      readonly orKeyPath?: string
      readonly onlyKeys?: readonly string[]
    }

/** The fleet as configured now. A port: the running configuration may be replaced under it. */
export interface Hosts {
  find(name: string): Host | undefined
  /** Sorted by name. */
  list(): readonly Host[]
  /** Tells each time a configuration is put into force, until the function that comes back is called. Absent: it stays. */
  whenReplaced?(tell: () => void): () => void
}

/** Some of the hosts that were asked for, in the order of the configuration. */
export interface HostPage {
  readonly hosts: readonly HostView[]
  /** On all pages. */
  readonly total: number
  readonly offset: number
}

/** A host as one caller sees it. */
export interface HostView {
  readonly name: HostName
  readonly description: string
  readonly tags: readonly string[]
  readonly executionMode: ExecutionMode
  readonly requiredScopes: readonly string[]
  /** Some command may be run. False when a scope is missing; `missingScopes` says which. */
  readonly mayRun: boolean
  readonly missingScopes: readonly string[]
  /** If need be after an approval, and whatever the patterns of rules say to the details. */
  readonly mayDo: readonly ActionClass[]
  readonly allowsSudo: boolean
  readonly allowsTerminal: boolean
}
