import { ACTION_CLASSES, type ActionClass } from '../../domain/decision.ts'
import type { Rule } from '../rule-set.ts'
import type { Circumstances } from './concerns.ts'

/** What a caller may do on a host, if need be after somebody has approved it, whatever the patterns of rules say to the details. */
export interface Standing {
  /** False: to this caller the host does not exist. */
  readonly isVisible: boolean
  readonly mayDo: readonly ActionClass[]
}

/** `rules`: those about the host. */
export function standingBy(
  rules: readonly Rule[],
  circumstances: Circumstances,
  holds: (scope: string) => boolean,
): Standing {
  const ways = ACTION_CLASSES.map((needed) => ({ needed, way: wayTo(needed, rules, circumstances, holds) }))
  return {
    isVisible: ways.some(({ way }) => way !== 'none'),
    mayDo: ways.filter(({ way }) => way === 'open').map(({ needed }) => needed),
  }
}

/** `scope`: with another scope it would be open. */
type Way = 'open' | 'scope' | 'none'

function wayTo(
  needed: ActionClass,
  rules: readonly Rule[],
  circumstances: Circumstances,
  holds: (scope: string) => boolean,
): Way {
  let byScope = false
  for (const rule of rules) {
    const for_ = rule.onlyObserves ? 'no' : circumstances(rule)
    if (for_ === 'no' || !isAbout(rule, needed)) continue
    const isWhole = rule.commands === undefined && rule.paths === undefined
    if (rule.effect === 'deny') {
      if (isWhole) break
    } else if (rule.effect === 'approve' || for_ === 'yes') {
      if (rule.stepUp === undefined || holds(rule.stepUp)) return 'open'
      byScope = true
      if (isWhole) break
    }
  }
  return byScope ? 'scope' : 'none'
}

function isAbout({ actions, effect }: Rule, needed: ActionClass): boolean {
  if (actions === undefined || actions.has(needed)) return true
  // Writing shows what was there: see the demands of files.
  return effect === 'deny' && needed === 'write' && actions.has('read')
}
