import type { Host } from '../../domain/host.ts'
import { fitsHost, type Selector, selectsHost } from '../hosts/selector.ts'
import type { Rule, RuleSet } from '../rule-set.ts'

type Found = WeakMap<Host, readonly Rule[]>

const found = new WeakMap<RuleSet, Found>()

/** The rules about a host, in order. Found once for each host of a configuration. */
export function rulesForHost(rules: RuleSet, host: Host): readonly Rule[] {
  const ofSet = found.get(rules) ?? new WeakMap()
  found.set(rules, ofSet)
  const before = ofSet.get(host)
  if (before !== undefined) return before
  // Rules of one file name the same hosts again and again.
  const asked = new Map<string, boolean>()
  const selects = (selector: Selector) => {
    const fits = asked.get(selector.text) ?? fitsHost(selector, host)
    asked.set(selector.text, fits)
    return fits
  }
  const own = rules.rules.filter(({ hosts }) => hosts === undefined || selectsHost(hosts, host, selects))
  ofSet.set(host, own)
  return own
}
