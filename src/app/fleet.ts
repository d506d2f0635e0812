import type { Host, Hosts, HostTarget } from '../domain/host.ts'

/** The hosts as configured now: rules and callers see `Host`, `ssh/` sees how to reach it. Replaced whole by a reload. */
export class Fleet implements Hosts {
  #targets: ReadonlyMap<string, HostTarget> = new Map()
  #hosts: readonly Host[] = []

  constructor(targets: readonly HostTarget[]) {
    this.replace(targets)
  }

  replace(targets: readonly HostTarget[]): void {
    this.#targets = new Map(targets.map((target) => [target.host.name, target]))
    this.#hosts = targets.map(({ host }) => host)
  }

  find(name: string): Host | undefined {
    return this.#targets.get(name)?.host
  }

  target(name: string): HostTarget | undefined {
    return this.#targets.get(name)
  }

  list(): readonly Host[] {
    return this.#hosts
  }
}
