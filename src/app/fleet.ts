import type { Host, Hosts, HostTarget } from '../domain/host.ts'

/** The hosts as configured now: what rules and callers see; how to reach them is for `ssh/` alone. Replaced whole by a reload. */
export class Fleet implements Hosts {
  #byName: ReadonlyMap<string, Host> = new Map()
  #hosts: readonly Host[] = []
  readonly #listeners = new Set<() => void>()

  constructor(targets: readonly HostTarget[]) {
    this.replace(targets)
  }

  replace(targets: readonly HostTarget[]): void {
    this.#hosts = targets.filter(({ isHop }) => isHop !== true).map(({ host }) => host)
    this.#byName = new Map(this.#hosts.map((host) => [host.name, host]))
    for (const tell of this.#listeners) tell()
  }

  /** Tells of each later `replace`, until the function that comes back is called. */
  whenReplaced(tell: () => void): () => void {
    this.#listeners.add(tell)
    return () => this.#listeners.delete(tell)
  }

  find(name: string): Host | undefined {
    return this.#byName.get(name)
  }

  list(): readonly Host[] {
    return this.#hosts
  }
}
