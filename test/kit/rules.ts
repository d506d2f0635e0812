import { loadConfig } from '../../src/config/load-config.ts'
import { problemLine } from '../../src/config/problem.ts'
import type { Action, Call } from '../../src/domain/call.ts'
import type { ChangeId } from '../../src/domain/change.ts'
import { type Host, type Hosts, hostName } from '../../src/domain/host.ts'
import type { Principal } from '../../src/domain/principal.ts'
import type { RuleSet } from '../../src/policy/rule-set.ts'
import { configFolder } from './config-folder.ts'

/** A small fleet for tables about rules: two web servers and a database in production, one machine for trying, and a vault. */
const FLEET = `
server: {api_keys: [{name: robot, sha256: ${'a'.repeat(64)}}], enable_http: true}
hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a, tags: [prod, web]}
  - {name: web-2, host: 192.0.2.2, username: u, agent: /a, tags: [prod, web]}
  - {name: db-1, host: 192.0.2.3, username: u, agent: /a, tags: [prod, db]}
  - {name: lab-1, host: 192.0.2.4, username: u, agent: /a, tags: [test]}
  - {name: vault, host: 192.0.2.5, username: u, agent: /a, tags: [secret], required_scopes: [vault:use]}
`

export const ROLES = `
roles:
  - {name: operators, match: [{groups: [ops]}]}
  - {name: leads, match: [{groups: [leads]}]}
  - {name: readers, match: [{groups: [readers]}, {emails: ['*@example.com']}]}
  - {name: robots, match: [{api_keys: [robot]}]}
`

export interface Loaded {
  readonly rules: RuleSet
  readonly hosts: Hosts
  readonly warnings: readonly string[]
}

/** The rules of a configuration with the fleet above, read by the real loader. Throws with every problem where there is one. */
export async function loadRules(text: string): Promise<Loaded> {
  const folder = configFolder()
  try {
    const file = folder.write('config.yaml', FLEET + text)
    const result = await loadConfig(file, {}, { home: folder.home })
    if (!result.ok)
      throw new Error(result.problems.map(problemLine).join('\n').replaceAll(`${folder.path}/`, ''))
    const { rules, warnings } = result.config
    if (rules === undefined) throw new Error('there are no rules')
    return { rules, hosts: fleetOf(result.config.hosts.map(({ host }) => host)), warnings }
  } finally {
    folder.remove()
  }
}

export function fleetOf(hosts: readonly Host[]): Hosts {
  const byName = new Map(hosts.map((host) => [host.name as string, host]))
  return { list: () => hosts, find: (name) => byName.get(name) }
}

export function principalIn(groups: readonly string[], more: Partial<Principal> = {}): Principal {
  return {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    method: 'oauth',
    groups,
    roles: [],
    scopes: new Set(['mcp:execute']),
    ...more,
  }
}

export function callOf(action: Action, principal: Principal, more: Partial<Call> = {}): Call {
  return { id: 'call_1', principal, action, edge: 'mcp_http', receivedAt: new Date(0), ...more }
}

type Named<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>

export function run(command: string, host = 'web-1', more: Partial<Named<'run'>> = {}): Action {
  return { kind: 'run', host: hostName(host), command, timeoutMs: 1_000, waitMs: 1_000, ...more }
}

export function readFile(path: string, host = 'web-1', sudo = false): Action {
  return { kind: 'read_file', host: hostName(host), path, sudo, encoding: 'auto' }
}

export function listDirectory(path: string, host = 'web-1'): Action {
  return {
    kind: 'list_directory',
    host: hostName(host),
    path,
    sudo: false,
    sort: 'name',
    descending: false,
    depth: 1,
    offset: 0,
    limit: 10,
  }
}

export function writeFile(path: string, host = 'web-1', sudo = false): Action {
  return {
    kind: 'write_file',
    host: hostName(host),
    path,
    sudo,
    content: Buffer.from('x'),
    createOnly: false,
    createDirectories: false,
    dryRun: false,
  }
}

export function restoreFile(path: string, host = 'web-1', sudo = false): Action {
  return {
    kind: 'restore_file',
    host: hostName(host),
    path,
    sudo,
    undoes: 'chg_AAAAAAAAAAAAAAAAAAAAAA' as ChangeId,
    expected: { kind: 'absent' },
    before: { kind: 'absent' },
    dryRun: false,
  }
}

/** An end is `host:path`, or `link`. */
export function transfer(from: string, to: string): Action {
  return {
    kind: 'transfer_file',
    from: endOf(from),
    to: endOf(to),
    recursive: false,
    overwrite: false,
    resume: false,
    timeoutMs: 1_000,
  }
}

function endOf(text: string): Named<'transfer_file'>['from'] {
  const [host = '', path = ''] = text.split(':')
  return text === 'link' ? { kind: 'link' } : { kind: 'host', host: hostName(host), path, sudo: false }
}
