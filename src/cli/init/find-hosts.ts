import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expandPath } from '../../config/file-mode.ts'
import { importHosts } from '../../config/import-hosts.ts'
import { KeyFiles } from '../../config/key-files.ts'
import type { Credential, HostTarget } from '../../domain/host.ts'
import { type EntryCredential, type HostEntry, underHome } from './host-entry.ts'

export interface FoundHosts {
  readonly entries: readonly HostEntry[]
  /** What was left out and why, or why nothing could be read. */
  readonly notes: readonly string[]
}

/** The hosts of `~/.ssh/config`, or of what `$SSH_MCP_SSH_CONFIG` names in its place, and the hops to them. No such file: none, and nothing to say about it. */
export async function findHosts(): Promise<FoundHosts> {
  const { env } = process
  const home = env.HOME || homedir()
  const context = {
    env,
    home,
    keyFiles: new KeyFiles(),
    configured: new Set<string>(),
    allowsProxyCommand: false,
  }
  const named = env.SSH_MCP_SSH_CONFIG ? expandPath(env.SSH_MCP_SSH_CONFIG, home, home) : undefined
  try {
    const { targets, warnings } = await importHosts(named ?? join(home, '.ssh', 'config'), context)
    return { entries: targets.map(toEntry), notes: warnings }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { entries: [], notes: named === undefined ? [] : [`there is no ${named}`] }
    return { entries: [], notes: [`${named ?? '~/.ssh/config'} cannot be used: ${(error as Error).message}`] }
  }
}

/** The chosen ones, and whatever lies on the way to them. */
export function withHops(chosen: readonly HostEntry[], all: readonly HostEntry[]): HostEntry[] {
  const needed = new Map(chosen.map((entry) => [entry.name, entry]))
  for (const entry of chosen)
    for (let at: string | undefined = entry.jump; at !== undefined && !needed.has(at); ) {
      const hop: HostEntry | undefined = all.find(({ name }) => name === at)
      // One that nobody chose is a way and nothing else.
      if (hop !== undefined) needed.set(hop.name, { ...hop, isHop: true })
      at = hop?.jump
    }
  return [...needed.values()]
}

function toEntry({ host, address, port, username, credential, jump, isHop }: HostTarget): HostEntry {
  const [first = AGENT, second] = credentialsOf(credential)
  return {
    ...{ name: host.name, address, port, username, credential: first, isHop: isHop === true },
    ...(second && { otherwise: second }),
    ...(jump !== undefined && { jump }),
  }
}

const AGENT: EntryCredential = { agent: true }

/** A key that opens by itself comes before the agent: a client that starts the bridge may know of no agent. */
function credentialsOf(credential: Credential): EntryCredential[] {
  switch (credential.kind) {
    case 'private_key':
      return [{ private_key_path: underHome(credential.path) }]
    case 'agent': {
      const isUsual = credential.socket === process.env.SSH_AUTH_SOCK
      const agent = isUsual ? AGENT : { agent: underHome(credential.socket) }
      const { orKeyPath } = credential
      return orKeyPath === undefined ? [agent] : [{ private_key_path: underHome(orKeyPath) }, agent]
    }
    case 'password':
      return []
  }
}
