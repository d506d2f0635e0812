import { access } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Credential, HostTarget } from '../domain/host.ts'
import { expandPath } from './file-mode.ts'
import { importNotes, listed } from './import-notes.ts'
import { ImportPlan, type PlannedHost } from './import-plan.ts'
import type { KeyFiles } from './key-files.ts'
import { readSshConfigFile } from './ssh-config-file.ts'
import { withTokens } from './ssh-config-tokens.ts'

export interface ImportedHosts {
  /** Those that callers may see, and the hops to them that they may not. */
  readonly targets: readonly HostTarget[]
  /** What was left out, and why. */
  readonly warnings: readonly string[]
}

export interface ImportContext {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  readonly keyFiles: KeyFiles
  /** Names of hosts that a jump may lead through beside the imported ones. */
  readonly configured: ReadonlySet<string>
  /** `ssh.allow_proxy_command`. */
  readonly allowsProxyCommand: boolean
}

/**
 * The hosts of an OpenSSH client configuration: every name that a `Host` line spells out, and hops of `ProxyJump` that have none.
 * Nothing is executed on the way. Rejects when the file cannot be read or understood.
 */
export async function importHosts(path: string, context: ImportContext): Promise<ImportedHosts> {
  const file = await readSshConfigFile(path, context.home)
  const names = [...new Set(file.blocks.names())].filter((name) => !context.configured.has(name))
  const localUser = context.env.USER || userInfo().username
  const plan = new ImportPlan(file, names, { ...context, localUser })
  const targets: HostTarget[] = []
  const lost = plan.leftOut.map(({ name, why }) => leftOut(name, why))
  const agentOnly: string[] = []
  for (const host of plan.hosts) {
    const found = await toTarget(host, context)
    if ('why' in found) lost.push(leftOut(host.tokens.name, found.why))
    else {
      targets.push(found)
      const isLimited = host.options.one('identitiesonly')?.toLowerCase() === 'yes'
      const { credential } = found
      if (isLimited && credential.kind === 'agent' && credential.onlyKeys === undefined)
        agentOnly.push(host.tokens.name)
    }
  }
  const notes = importNotes(plan.hosts)
  if (agentOnly.length > 0)
    notes.push(
      `IdentitiesOnly needs the public key beside each IdentityFile; without one, all keys of the agent are offered (OpenSSH configuration: ${listed(agentOnly)})`,
    )
  return withoutBrokenJumps(targets, [...file.warnings, ...lost, ...notes], context)
}

function leftOut(name: string, why: string): string {
  return `Host ${JSON.stringify(name)} of the OpenSSH configuration is left out: ${why}.`
}

async function toTarget(host: PlannedHost, context: ImportContext): Promise<HostTarget | { why: string }> {
  const { name, isHop, options, tokens, jump } = host
  const proxy = options.one('proxycommand')
  const proxyCommand = proxy === undefined || proxy.toLowerCase() === 'none' ? undefined : proxy
  if (proxyCommand !== undefined && !context.allowsProxyCommand)
    return {
      why: 'its ProxyCommand would run a program on this machine; ssh.allow_proxy_command: true allows that',
    }
  const credential = await findCredential(host, context)
  if (credential === undefined)
    return { why: 'no agent is running and no private key without a passphrase was found for it' }
  return {
    host: {
      name,
      description: 'From the OpenSSH configuration',
      tags: [],
      executionMode: 'exec',
      requiredScopes: [],
      allowsSudo: false,
      allowsTerminal: false,
    },
    address: tokens.address,
    port: tokens.port,
    username: tokens.user,
    credential,
    hostKeys: [],
    disablePager: true,
    platform: 'auto',
    algorithms: 'modern',
    answers: [],
    ...(jump !== undefined && { jump }),
    // The name of a hop is ours: OpenSSH would put the one that it was asked for.
    ...(proxyCommand !== undefined && {
      proxyCommand: isHop
        ? proxyCommand.replace(/%(.)/g, (all, token) => (token === 'n' ? tokens.name : all))
        : proxyCommand,
    }),
    ...(isHop && { isHop: true as const }),
  }
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** A named key that opens by itself, else the agent and then a default key that opens by itself. */
async function findCredential(
  { options, tokens }: PlannedHost,
  { env, home, keyFiles }: ImportContext,
): Promise<Credential | undefined> {
  const base = join(home, '.ssh')
  const openKey = async (paths: readonly string[]): Promise<string | undefined> => {
    for (const path of paths) {
      const key = await keyFiles.look(path, path)
      if (key.kind === 'usable' && !key.isEncrypted) return path
    }
    return undefined
  }
  const files = options.all('identityfile')
  const named = files
    .filter((path) => path.toLowerCase() !== 'none')
    .map((path) => expandPath(withTokens(path, tokens), base, home))
  const namedKey = await openKey(named)
  if (namedKey !== undefined) return { kind: 'private_key', path: namedKey }

  const defaultKey = await openKey(files.length > 0 ? [] : DEFAULT_KEYS.map((name) => join(base, name)))
  const agent = options.one('identityagent') ?? 'SSH_AUTH_SOCK'
  const variable = agent === 'SSH_AUTH_SOCK' ? agent : /^\$([A-Za-z_]\w*)$/.exec(agent)?.[1]
  const socket = variable === undefined ? withTokens(agent, tokens) : env[variable]
  if (!socket || agent.toLowerCase() === 'none')
    return defaultKey === undefined ? undefined : { kind: 'private_key', path: defaultKey }
  const onlyKeys = options.one('identitiesonly')?.toLowerCase() === 'yes' ? await publicKeysOf(named) : []
  return {
    kind: 'agent',
    socket: expandPath(socket, base, home),
    ...(defaultKey !== undefined && { orKeyPath: defaultKey }),
    ...(onlyKeys.length > 0 && { onlyKeys }),
  }
}

/** `IdentityFile` may name the public key itself, as people do whose private keys are in the agent alone. */
async function publicKeysOf(paths: readonly string[]): Promise<string[]> {
  const candidates = paths.map((path) => (path.endsWith('.pub') ? path : `${path}.pub`))
  const isThere = await Promise.all(
    candidates.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return candidates.filter((_path, at) => isThere[at])
}

// A host whose jump was left out, or that jumps in a circle, cannot be reached either; a hop that no host is left for is not needed.
function withoutBrokenJumps(
  targets: readonly HostTarget[],
  warnings: readonly string[],
  context: ImportContext,
): ImportedHosts {
  const reachable = new Set<string>(context.configured)
  let [rest, before] = [targets, -1]
  while (rest.length !== before) {
    before = rest.length
    for (const { host, jump } of rest) if (jump === undefined || reachable.has(jump)) reachable.add(host.name)
    rest = rest.filter(({ host }) => !reachable.has(host.name))
  }
  const lost = rest
    .filter(({ isHop }) => isHop !== true)
    .map(({ host }) => leftOut(host.name, 'its ProxyJump leads nowhere'))
  const byName = new Map(targets.map((target) => [target.host.name, target]))
  const needed = new Set<string>()
  for (const target of targets) {
    if (target.isHop === true || !reachable.has(target.host.name)) continue
    for (let at: HostTarget | undefined = target; at !== undefined; at = at.jump && byName.get(at.jump))
      needed.add(at.host.name)
  }
  return { targets: targets.filter(({ host }) => needed.has(host.name)), warnings: [...warnings, ...lost] }
}
