import type { HostName, HostTarget } from '../domain/host.ts'
import type { HostSight } from '../domain/host-sight.ts'
import type { Log } from '../domain/log.ts'
import type { FactBook } from './facts/fact-book.ts'
import type { Pool } from './pool/pool.ts'
import { TrustedKeys } from './transport/host-key.ts'

interface SightDeps {
  readonly find: (host: HostName) => HostTarget | undefined
  readonly pool: Pick<Pool, 'contactOf'>
  readonly facts: Pick<FactBook, 'latest'>
  readonly knownHostsFiles: readonly string[]
  readonly log: Log
}

/** What is known of a host here. Files of this machine are read; nothing is connected to. Undefined when it is not configured. */
export async function sightOf(
  host: HostName,
  { find, pool, facts, knownHostsFiles, log }: SightDeps,
): Promise<HostSight | undefined> {
  const target = find(host)
  if (target === undefined) return undefined
  const trusted = new TrustedKeys(knownHostsFiles, log)
  await trusted.refresh()
  const latest = facts.latest(host)
  return {
    ...pool.contactOf(host),
    ...(latest && { facts: latest }),
    keys: trusted.list(target),
    arePinned: target.hostKeys.length > 0,
  }
}
