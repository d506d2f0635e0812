import { printable } from '../../lib/printable.ts'
import { type EntryCredential, type HostEntry, whereOf } from './host-entry.ts'
import type { Rules, Way } from './ways.ts'

export interface Answers {
  readonly way: Way
  readonly rules: Rules
  /** Whoever sets this up, by the name of their user on this machine. */
  readonly owner: string
  readonly hosts: readonly HostEntry[]
  /** Written as comments: the host did not work, and was not wanted so. With the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Of the key in the file beside the configuration. */
  readonly apiKey?: { readonly name: string; readonly sha256: string; readonly file: string }
}

const HOP = 'hop'

/** The whole configuration, with a word to everything that somebody may want to change. */
export function configText(file: string, answers: Answers): string {
  return [
    `# SSH MCP Bridge. Written by \`ssh-mcp-bridge init\`; every key is in docs/CONFIGURATION.md.`,
    `# After a change: ssh-mcp-bridge validate ${printable(file)}. A bridge that runs takes it up by itself.`,
    '',
    ...serverLines(answers),
    '',
    ...hostLines(answers),
    '',
    ...ruleLines(answers),
    '',
  ].join('\n')
}

/** Somebody waits: a host that keeps silent so long is told as that. The bridge itself is more patient. */
const TRIAL_S = 10

/** The hosts alone: what they are tried with, before anybody has said what may be done there. */
export function trialText(hosts: readonly HostEntry[]): string {
  return [`ssh: {connect_timeout: ${TRIAL_S}}`, 'hosts:', ...hosts.flatMap(entryLines), ''].join('\n')
}

function serverLines({ way, apiKey }: Answers): string[] {
  if (way.by === 'stdio')
    return [
      'server:',
      '  # Your assistant starts the bridge on this machine; who asks is you.',
      '  enable_stdio: true',
    ]
  const { port, publicUrl } = way
  return [
    'server:',
    '  enable_http: true',
    publicUrl === undefined
      ? '  # Only this machine reaches it. For others: TLS in front (docs/DOCKER.md), and public_url.'
      : '  # TLS ends at a proxy in front of it: docs/DOCKER.md has nginx and Caddy.',
    '  host: 127.0.0.1',
    `  port: ${port}`,
    ...(publicUrl === undefined
      ? []
      : [`  public_url: ${word(publicUrl)}`, '  trusted_proxies: [127.0.0.1]']),
    ...authLines(way, apiKey),
  ]
}

function authLines(way: Exclude<Way, { by: 'stdio' }>, apiKey: Answers['apiKey']): string[] {
  switch (way.by) {
    case 'embedded':
      return [
        '  oauth:',
        '    # People sign in at the bridge itself. Add them: ssh-mcp-bridge users add NAME',
        '    mode: embedded',
      ]
    case 'provider':
      return [
        '  oauth:',
        '    # People sign in there; what to set at each provider: docs/SIGN_IN.md',
        '    enabled: true',
        `    issuer: ${word(way.issuer)}`,
        `    audience: ${word(way.audience)}`,
      ]
    case 'api-key':
      return [
        '  api_keys:',
        ...(apiKey === undefined
          ? []
          : [
              `    # The key itself is in ${apiKey.file}, for its client alone. More: ssh-mcp-bridge keys create NAME`,
              `    - name: ${word(apiKey.name)}`,
              `      sha256: "${apiKey.sha256}"`,
              '      scopes: [mcp:execute]',
            ]),
      ]
  }
}

function hostLines({ hosts, leftOut }: Answers): string[] {
  const isKept = ({ name }: HostEntry) => !leftOut.has(name)
  return [
    '# Assistants see names, descriptions and tags; never an address, a user or a key.',
    hosts.some(isKept) ? 'hosts:' : 'hosts: []',
    ...hosts.flatMap((entry) => {
      if (isKept(entry)) return [...entryLines(entry), ...hint(entry)]
      const lines = entryLines(entry).map((line) => `  # ${line.slice(2)}`)
      return [`  # Left out, because it did not work: ${printable(leftOut.get(entry.name) ?? '')}`, ...lines]
    }),
  ]
}

function hint({ isHop }: HostEntry): string[] {
  return isHop ? [] : ['    # description: what it is for, so that the right one is chosen']
}

function entryLines({ name, address, port, username, credential, jump, isHop }: HostEntry): string[] {
  return [
    `  - name: ${word(name)}`,
    `    host: ${word(address)}`,
    ...(port === 22 ? [] : [`    port: ${port}`]),
    `    username: ${word(username)}`,
    ...credentialLines(credential),
    ...(jump === undefined ? [] : [`    jump: ${word(jump)}`]),
    ...(isHop ? [`    tags: [${HOP}] # only a way to others: the rules keep it from everybody`] : []),
  ]
}

function credentialLines(credential: EntryCredential): string[] {
  return Object.entries(credential).map(
    ([key, value]) => `    ${key}: ${value === true ? 'true' : word(value)}`,
  )
}

function ruleLines({ rules, way, owner, hosts, leftOut, apiKey }: Answers): string[] {
  const hasHops = hosts.some(({ name, isHop }) => isHop && !leftOut.has(name))
  const where = hasHops ? [`    hosts: ["*", "!tag:${HOP}"]`] : []
  const head = [
    '# The first rule that is about something decides it; what none is about is denied (docs/POLICY.md).',
  ]
  const look = [
    '  # What is known to change nothing.',
    '  - name: look',
    ...where,
    '    actions: [read, session]',
    '    effect: allow',
  ]
  if (rules === 'read-only') return [...head, 'rules:', ...look]
  if (rules === 'all') return [...head, 'rules:', '  - name: everything', ...where, '    effect: allow']
  return [...head, ...peopleLines(way, owner, apiKey), 'rules:', ...look, ...askLines(way, where)]
}

/** Who may answer: over HTTP with sign-in there are others to ask; else it is known whose the only way in is. */
function peopleLines({ by }: Way, owner: string, apiKey: Answers['apiKey']): string[] {
  if (by === 'stdio' || by === 'api-key') {
    const way = by === 'stdio' ? `os_users: ${word(owner)}` : `api_keys: ${word(apiKey?.name ?? '')}`
    const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(owner) ? owner : 'owner'
    return ['people:', '  # Whose requests they are.', `  - name: ${word(name)}`, `    ${way}`, '']
  }
  return [
    'roles:',
    '  # Who holds this scope may answer for others; no assistant is given it.',
    '  - name: approvers',
    '    match: [{scopes: [mcp:approve]}]',
    '',
  ]
}

function askLines({ by }: Way, where: readonly string[]): string[] {
  const hasPeople = by === 'embedded' || by === 'provider'
  return [
    '  # For all else a person is asked first (docs/APPROVALS.md). self_approve: the client may ask its own user;',
    hasPeople
      ? '  # without that line it has to be somebody else who answers.'
      : '  # with one that cannot, nothing is run that may change something. To do without the question: effect: allow',
    '  - name: ask',
    ...where,
    '    effect: approve',
    ...(hasPeople ? ['    approvers: [approvers]'] : []),
    '    self_approve: true',
  ]
}

const PLAIN = /^[A-Za-z~/][A-Za-z0-9 ._~/@+-]*$|^\d{1,3}(?:\.\d{1,3}){3}$|^https?:\/\/[A-Za-z0-9._~/:-]+$/
/** Words that YAML takes for something else than text. */
const NOT_TEXT = /^(?:true|false|yes|no|on|off|null|y|n|~)$/i

/** A text as YAML has it: bare where nobody could take it for anything else, so that it can be read and changed. */
function word(text: string): string {
  return PLAIN.test(text) && !NOT_TEXT.test(text) && !text.endsWith(' ') ? text : JSON.stringify(text)
}

/** `web-01 (admin at 192.0.2.10)`. */
export function shownHost(entry: HostEntry): string {
  return `${entry.name} (${whereOf(entry)})`
}
