import type { Host } from '../../domain/host.ts'
import { fitsHost, type Selector, selectsHost } from '../hosts/selector.ts'
import type { Rule, RuleSet } from '../rule-set.ts'

interface Found {
  /** Rules of one file name the same hosts again and again: each selector once. */
  readonly selectors: ReadonlyMap<string, Selector>
  readonly byHost: WeakMap<Host, readonly Rule[]>
  /** Thousands of hosts are under the same few lists. */
  readonly lists: Map<string, readonly Rule[]>
}

const found = new WeakMap<RuleSet, Found>()

/** The rules about a host, in order: the same list for hosts under the same rules. Found once for each host of a configuration. */
export function rulesForHost(rules: RuleSet, host: Host): readonly Rule[] {
  const known = found.get(rules) ?? nothingYet(rules)
  const before = known.byHost.get(host)
  if (before !== undefined) return before

  const fitting = new Set<string>()
  for (const selector of known.selectors.values()) if (fitsHost(selector, host)) fitting.add(selector.text)
  const selects = ({ text }: Selector) => fitting.has(text)
  const own = rules.rules.filter(({ hosts }) => hosts === undefined || selectsHost(hosts, host, selects))
  const key = own.map(({ name }) => name).join(' ')
  const list = known.lists.get(key) ?? own
  known.lists.set(key, list)
  known.byHost.set(host, list)
  return list
}

function nothingYet(rules: RuleSet): Found {
  const selectors = rules.rules.flatMap(({ hosts = [] }) => hosts)
  const nothing: Found = {
    selectors: new Map(selectors.map((selector) => [selector.text, selector])),
    byHost: new WeakMap(),
    lists: new Map(),
  }
  found.set(rules, nothing)
  return nothing
}
