import type { Host, HostName } from '../domain/host.ts'
import type { HostContact, HostSight } from '../domain/host-sight.ts'

/** A host as it is configured, as far as operators who only look may see it: no address, no user, no credential. */
export interface ConfiguredHost {
  readonly host: Host
  /** The host that it is reached through. */
  readonly jump?: HostName
  /** Only a way to others: to callers it does not exist. */
  readonly isHop: boolean
}

/** The hosts of the configuration. Nothing of it reaches one. */
export interface HostsEyes {
  /** All of them, sorted by name. */
  list(): readonly ConfiguredHost[]
  find(name: string): ConfiguredHost | undefined
  /** As far as this instance knows. */
  contactOf(host: HostName): HostContact
  sightOf(host: HostName): Promise<HostSight | undefined>
}
