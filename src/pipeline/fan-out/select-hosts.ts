import { type Host, type HostName, type Hosts, hostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Selector } from '../../policy/hosts/selector.ts'
import { parseSelectors } from './selectors.ts'

/** Each refusal is a call of its own on record: names made up by the thousand are none. */
const MOST_REFUSED = 100

export interface Selection {
  readonly kind: 'selected'
  /** Sorted, each once. The caller may run on all of them. */
  readonly hosts: readonly HostName[]
  /** Asked for by name, and not to be had: unknown, or not for this caller. Sorted, each once. */
  readonly refused: readonly HostName[]
}

interface Fleet {
  readonly hosts: Hosts
  /** Whether the caller may run a command there. Asked only of hosts that a selector means. */
  readonly mayRun: (host: Host) => boolean
  readonly maxHosts: number
}

/**
 * The hosts that the selectors mean among those that the caller may use. Others look as if they did not exist: a pattern passes over
 * them, a name is refused. Says no, before anything is run, to a selector that means no host at all: it is a slip of the pen, and the
 * caller would take hosts for done that were never meant.
 */
export function selectHosts(selectors: readonly string[], fleet: Fleet): Selection | NotStarted {
  const parsed = parseSelectors(selectors)
  if (typeof parsed === 'string') return { kind: 'not_started', code: 'bad_request', message: parsed }

  const usable = new Map<HostName, boolean>()
  const mayRun = (host: Host) => {
    const known = usable.get(host.name) ?? fleet.mayRun(host)
    usable.set(host.name, known)
    return known
  }
  const meant = (selector: Selector): readonly HostName[] => {
    const candidates = selector.kind === 'name' ? one(fleet.hosts, selector.name) : fleet.hosts.list()
    const selects = selector.kind === 'name' ? () => true : selector.selects
    return candidates.filter((host) => selects(host) && mayRun(host)).map(({ name }) => name)
  }

  const included = new Set<HostName>()
  const refused = new Set<HostName>()
  const excluded = new Set<HostName>()
  for (const selector of parsed) {
    const names = meant(selector)
    if (names.length === 0) {
      // A tag that no host bears may take out nothing; a name that is none is a slip of the pen, and leaves in what was to be out.
      if (selector.excludes ? selector.kind === 'name' : selector.kind === 'pattern')
        return meansNothing(selector)
      if (selector.kind === 'name') refused.add(hostName(selector.name))
    }
    for (const name of names) (selector.excludes ? excluded : included).add(name)
  }
  if (refused.size > MOST_REFUSED) return tooManyRefused([...refused])
  const hosts = [...included].filter((name) => !excluded.has(name)).sort()
  if (hosts.length === 0 && refused.size === 0) return nothingLeft(selectors)
  const count = hosts.length + refused.size
  return count > fleet.maxHosts
    ? tooMany(count, fleet.maxHosts)
    : { kind: 'selected', hosts, refused: [...refused].sort() }
}

function one(hosts: Hosts, name: string): readonly Host[] {
  const host = hosts.find(name)
  return host ? [host] : []
}

function meansNothing({ text }: Selector): NotStarted {
  const message = `No host that you may use is meant by ${JSON.stringify(text)}; nothing was run. List the hosts to see their names and tags.`
  return { kind: 'not_started', code: 'host_not_found', message }
}

function nothingLeft(selectors: readonly string[]): NotStarted {
  const message = `${JSON.stringify(selectors.join(' '))} leaves no host; nothing was run. List the hosts to see their names and tags.`
  return { kind: 'not_started', code: 'host_not_found', message }
}

function tooManyRefused(names: readonly string[]): NotStarted {
  const some = names.slice(0, 5).join(', ')
  const message = `${names.length} of the names are no hosts that you may use (${some}, …); nothing was run. List the hosts to see their names.`
  return { kind: 'not_started', code: 'host_not_found', message }
}

function tooMany(count: number, maxHosts: number): NotStarted {
  const message = `${count} hosts are meant; at most ${maxHosts} in one call (fan_out.max_hosts). Nothing was run.`
  return { kind: 'not_started', code: 'bad_request', message }
}
