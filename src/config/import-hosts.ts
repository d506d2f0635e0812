import { userInfo } from 'node:os'
import { join } from 'node:path'
import SSHConfig from 'ssh-config'
import { type Credential, type HostTarget, hostName, isHostName } from '../domain/host.ts'
import { expandPath } from './file-mode.ts'
import type { KeyFiles } from './key-files.ts'
import { readSshConfigText } from './ssh-config-text.ts'

export interface ImportedHosts {
  readonly targets: readonly HostTarget[]
  /** Hosts that were left out, and why. */
  readonly warnings: readonly string[]
}

export interface ImportContext {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  readonly keyFiles: KeyFiles
  /** Names of hosts that a jump may lead through beside the imported ones. */
  readonly configured: ReadonlySet<string>
}

type Options = ReadonlyMap<string, readonly string[]>
type Found = { readonly target: HostTarget } | { readonly warning: string }

/**
 * The hosts of an OpenSSH client configuration: every name of a `Host` line without wildcards. Nothing is executed on the way:
 * `Match exec` and `ProxyCommand` are left out. Rejects when the file cannot be read or understood.
 */
export async function importHosts(path: string, context: ImportContext): Promise<ImportedHosts> {
  const config = SSHConfig.parse(await readSshConfigText(path, context.home))
  const names = [...new Set(namesOf(config))].filter((name) => !context.configured.has(name))
  const found: Found[] = []
  for (const name of names) found.push(await toTarget(name, optionsOf(config, name), new Set(names), context))
  const targets = found.flatMap((one) => ('target' in one ? [one.target] : []))
  const warnings = found.flatMap((one) => ('warning' in one ? [one.warning] : []))
  return withoutBrokenJumps(targets, warnings, context)
}

function namesOf(config: SSHConfig): string[] {
  return config.flatMap((line) => {
    if (!('param' in line) || line.param.toLowerCase() !== 'host') return []
    const names = typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val)
    return names.filter((name) => !/[*?!]/.test(name))
  })
}

function optionsOf(config: SSHConfig, name: string): Options {
  const computed = config.compute(name, { ignoreCase: true, matchExec: false })
  return new Map(Object.entries(computed).map(([key, value]) => [key, [value].flat()]))
}

async function toTarget(
  name: string,
  options: Options,
  names: ReadonlySet<string>,
  context: ImportContext,
): Promise<Found> {
  const leftOut = (why: string): Found => ({
    warning: `Host ${JSON.stringify(name)} of the OpenSSH configuration is left out: ${why}.`,
  })
  const one = (key: string) => options.get(key)?.[0]
  if (!isHostName(name))
    return leftOut('its name is not 1 to 63 letters, digits, dots, underscores or hyphens')
  const port = Number(one('port') ?? 22)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return leftOut('its port is not a number from 1 to 65535')
  if (isSet(one('proxycommand')))
    return leftOut('it needs ProxyCommand, which is not supported; ProxyJump is')
  const jump = one('proxyjump')
  if (isSet(jump) && !(names.has(jump) || context.configured.has(jump)))
    return leftOut('its ProxyJump is not the name of one other host')

  const username = one('user') ?? context.env.USER ?? userInfo().username
  const tokens = {
    h: name,
    n: name,
    r: username,
    u: context.env.USER ?? userInfo().username,
    d: context.home,
  }
  const credential = await findCredential(options, tokens, context)
  if (credential === undefined)
    return leftOut('no agent is running and no private key without a passphrase was found for it')
  return {
    target: {
      host: {
        name: hostName(name),
        description: 'From the OpenSSH configuration',
        tags: [],
        executionMode: 'exec',
        requiredScopes: [],
        allowsSudo: false,
        allowsTerminal: false,
      },
      address: withTokens(one('hostname') ?? name, tokens),
      port,
      username,
      credential,
      hostKeys: [],
      disablePager: true,
      platform: 'auto',
      algorithms: 'modern',
      answers: [],
      ...(isSet(jump) && isHostName(jump) && { jump: hostName(jump) }),
    },
  }
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** A named key that opens by itself, else the agent and then a default key that opens by itself. */
async function findCredential(
  options: Options,
  tokens: Tokens,
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
  const named = (options.get('identityfile') ?? [])
    .filter(isSet)
    .map((path) => expandPath(withTokens(path, tokens), base, home))
  const namedKey = await openKey(named)
  if (namedKey !== undefined) return { kind: 'private_key', path: namedKey }

  const defaults = named.length > 0 ? [] : DEFAULT_KEYS.map((name) => join(base, name))
  const defaultKey = await openKey(defaults)
  const agent = options.get('identityagent')?.[0] ?? 'SSH_AUTH_SOCK'
  const socket = agent === 'SSH_AUTH_SOCK' ? env.SSH_AUTH_SOCK : withTokens(agent, tokens)
  if (!socket || agent === 'none')
    return defaultKey === undefined ? undefined : { kind: 'private_key', path: defaultKey }
  const orKey = defaultKey === undefined ? {} : { orKeyPath: defaultKey }
  return { kind: 'agent', socket: expandPath(socket, base, home), ...orKey }
}

type Tokens = Readonly<Record<string, string>>

/** The tokens of ssh_config(5) that say something without a connection. */
function withTokens(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)))
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.toLowerCase() !== 'none'
}

// A host whose jump was left out, or that jumps in a circle, cannot be reached either.
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
  const lost = rest.map(
    ({ host }) =>
      `Host "${host.name}" of the OpenSSH configuration is left out: its ProxyJump leads nowhere.`,
  )
  return { targets: targets.filter(({ host }) => reachable.has(host.name)), warnings: [...warnings, ...lost] }
}
