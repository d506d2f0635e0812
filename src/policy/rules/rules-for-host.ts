import type { Host } from '../../domain/host.ts'
import { fitsHost, type Selector, selectsHost } from '../hosts/selector.ts'
import type { Rule, RuleSet } from '../rule-set.ts'

interface Found {
  readonly byHost: WeakMap<Host, readonly Rule[]>
  /** Thousands of hosts are under the same few lists. */
  readonly lists: Map<string, readonly Rule[]>
}

const found = new WeakMap<RuleSet, Found>()

/** The rules about a host, in order: the same list for hosts under the same rules. Found once for each host of a configuration. */
export function rulesForHost(rules: RuleSet, host: Host): readonly Rule[] {
  const known: Found = found.get(rules) ?? { byHost: new WeakMap(), lists: new Map() }
  found.set(rules, known)
  const before = known.byHost.get(host)
  if (before !== undefined) return before

  // Rules of one file name the same hosts again and again.
  const asked = new Map<string, boolean>()
  const selects = (selector: Selector) => {
    const fits = asked.get(selector.text) ?? fitsHost(selector, host)
    asked.set(selector.text, fits)
    return fits
  }
  const own = rules.rules.filter(({ hosts }) => hosts === undefined || selectsHost(hosts, host, selects))
  const key = own.map(({ name }) => name).join(' ')
  const list = known.lists.get(key) ?? own
  known.lists.set(key, list)
  known.byHost.set(host, list)
  return list
}
