import type { Call } from '../../domain/call.ts'
import { ACTION_CLASSES, type ActionClass } from '../../domain/decision.ts'
import type { Host } from '../../domain/host.ts'
import { missingScopes } from '../../domain/principal.ts'
import type { Rule, RuleSet } from '../rule-set.ts'
import { circumstancesOf } from './concerns.ts'
import { rulesForHost } from './rules-for-host.ts'
import { type Asking, saysOn } from './says-on.ts'

/** What a caller may do on a host, if need be after somebody has approved it, whatever the patterns of rules say to the details. */
export interface Standing {
  /** False: to this caller the host does not exist. */
  readonly isVisible: boolean
  readonly mayDo: readonly ActionClass[]
}

/** Where somebody stands on any host. Without rules everything is open, as far as scopes go. */
export function standingsOf(
  call: Pick<Call, 'principal' | 'remoteAddress'>,
  { rules, now }: { readonly rules?: RuleSet; readonly now: Date },
): (host: Host) => Standing {
  if (rules === undefined) return () => OPEN
  const holds = (scope: string) => missingScopes(call.principal, [scope]).length === 0
  const asking = { circumstances: circumstancesOf(call, rules, now), holds }
  const known = new Map<readonly Rule[], Standing>()
  return (host) => {
    const list = rulesForHost(rules, host)
    const standing = known.get(list) ?? standingBy(list, asking)
    known.set(list, standing)
    return standing
  }
}

const OPEN: Standing = { isVisible: true, mayDo: ACTION_CLASSES }

/** By the rules about the host. */
export function standingBy(rules: readonly Rule[], asking: Asking): Standing {
  const ways = ACTION_CLASSES.map((needed) => ({ needed, way: wayTo(needed, rules, asking) }))
  return {
    isVisible: ways.some(({ way }) => way !== 'none'),
    mayDo: ways.filter(({ way }) => way === 'open').map(({ needed }) => needed),
  }
}

/** `scope`: with another scope it would be open. */
type Way = 'open' | 'scope' | 'none'

function wayTo(needed: ActionClass, rules: readonly Rule[], asking: Asking): Way {
  let byScope = false
  for (const { rule, isCertain, lacks } of saysOn(needed, rules, asking)) {
    if (rule.effect === 'deny' || (rule.effect === 'allow' && !isCertain)) continue
    if (lacks === undefined) return 'open'
    byScope = true
  }
  return byScope ? 'scope' : 'none'
}
