import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** Everything that decides how a host is reached, hop by hop. Holds credentials: only ever compared. */
export function routeTo(host: HostName, find: (name: HostName) => HostTarget | undefined): string {
  const seen = new Set<HostName>()
  const hops: unknown[] = []
  for (let at = find(host); at !== undefined && !seen.has(at.host.name); ) {
    seen.add(at.host.name)
    const { address, port, username, credential, hostKeys, jump, proxyCommand, algorithms, answers } = at
    hops.push({ address, port, username, credential, hostKeys, jump, proxyCommand, algorithms, answers })
    at = jump === undefined ? undefined : find(jump)
  }
  return JSON.stringify(hops)
}

export function notConfigured(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} is no longer configured. Nothing was run.`,
  }
}

export function closed(): NotStarted {
  return {
    kind: 'not_started',
    code: 'shutting_down',
    message: 'The bridge is stopping. Nothing was run.',
  }
}
