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
  /** Not to be had: asked for by name and unknown or out of reach, or within reach and not for this command. Sorted, each once. */
  readonly refused: readonly HostName[]
}

/** `refused`: the caller may use the host, but not for this. `hidden`: to this caller it is not there. */
export type Reach = 'open' | 'refused' | 'hidden'

interface Fleet {
  readonly hosts: Hosts
  /** What the rules say to the command there. Asked only of hosts that a selector means. */
  readonly reach: (host: Host) => Reach
  readonly maxHosts: number
}

/**
 * The hosts that the selectors mean among those that the caller may use. Others look as if they did not exist: a pattern passes over
 * them, a name is refused. Where the caller may use a host, but not for this, that is told of it. Says no, before anything is run, to a selector that means no host at all: it is a slip of the pen, and the
 * caller would take hosts for done that were never meant.
 */
export function selectHosts(selectors: readonly string[], fleet: Fleet): Selection | NotStarted {
  const parsed = parseSelectors(selectors)
  if (typeof parsed === 'string') return { kind: 'not_started', code: 'bad_request', message: parsed }

  const reaches = new Map<HostName, Reach>()
  const isSeen = (host: Host) => {
    const known = reaches.get(host.name) ?? fleet.reach(host)
    reaches.set(host.name, known)
    return known !== 'hidden'
  }
  const meant = (selector: Selector): readonly HostName[] => {
    const candidates = selector.kind === 'name' ? one(fleet.hosts, selector.name) : fleet.hosts.list()
    const selects = selector.kind === 'name' ? () => true : selector.selects
    return candidates.filter((host) => selects(host) && isSeen(host)).map(({ name }) => name)
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
  const left = [...included].filter((name) => !excluded.has(name))
  const denied = left.filter((name) => reaches.get(name) === 'refused')
  if (denied.length > MOST_REFUSED) return deniedOnMost(denied)
  for (const name of denied) refused.add(name)
  const hosts = left.filter((name) => reaches.get(name) === 'open').sort()
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

function deniedOnMost(names: readonly string[]): NotStarted {
  const some = names.slice(0, 5).join(', ')
  const message = `The rules do not allow this command on ${names.length} of the hosts (${some}, …); nothing was run. check_command says why for one of them.`
  return { kind: 'not_started', code: 'forbidden', message }
}

function tooMany(count: number, maxHosts: number): NotStarted {
  const message = `${count} hosts are meant; at most ${maxHosts} in one call (fan_out.max_hosts). Nothing was run.`
  return { kind: 'not_started', code: 'bad_request', message }
}
