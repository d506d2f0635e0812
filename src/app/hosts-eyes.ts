import type { ConfiguredHost, HostsEyes } from '../console/hosts-eyes.ts'
import type { HostTarget } from '../domain/host.ts'
import type { OpenCore } from './core-shape.ts'

/** What the console shows of hosts; what of a target says how to reach it stays here. */
export function hostsEyes({ config, sights }: Pick<OpenCore, 'config' | 'sights'>): HostsEyes {
  return {
    list: () => config().hosts.map(shown),
    find(name) {
      const target = config().hosts.find(({ host }) => host.name === name)
      return target && shown(target)
    },
    contactOf: sights.contactOf,
    sightOf: sights.sightOf,
  }
}

function shown({ host, jump, isHop }: HostTarget): ConfiguredHost {
  return { host, isHop: isHop === true, ...(jump !== undefined && { jump }) }
}
