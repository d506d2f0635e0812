import type { ActionClass } from '../../domain/decision.ts'
import type { Rule } from '../rule-set.ts'
import type { Circumstances } from './concerns.ts'

/** Who asks, as far as rules on a class of actions go. */
export interface Asking {
  readonly circumstances: Circumstances
  readonly holds: (scope: string) => boolean
}

/** A rule that has a say in a class of actions on a host. */
export interface Say {
  readonly rule: Rule
  /** It is about all of the class; otherwise only about what fits its patterns, and the next one is asked about the rest. */
  readonly isWhole: boolean
  /** False: whether it is for this caller depends on where they call from. */
  readonly isCertain: boolean
  /** The scope that the caller would have to hold. */
  readonly lacks?: string
}

/** What `rules`, those about a host, say to a class of actions there, in order, down to the one that leaves nothing to the next. */
export function saysOn(
  needed: ActionClass,
  rules: readonly Rule[],
  { circumstances, holds }: Asking,
): readonly Say[] {
  const says: Say[] = []
  for (const rule of rules) {
    if (rule.onlyObserves || !isAbout(rule, needed)) continue
    const forCall = circumstances(rule)
    if (forCall === 'no') continue
    const isCertain = forCall === 'yes'
    const isWhole = rule.commands === undefined && rule.paths === undefined
    const lacks = rule.effect !== 'deny' && rule.stepUp !== undefined && !holds(rule.stepUp)
    says.push({ rule, isWhole, isCertain, ...(lacks && rule.stepUp !== undefined && { lacks: rule.stepUp }) })
    // What allows must be certain: while it is not, the next one is asked too.
    if (isWhole && (rule.effect !== 'allow' || isCertain)) break
  }
  return says
}

function isAbout({ actions, effect }: Rule, needed: ActionClass): boolean {
  if (actions === undefined || actions.has(needed)) return true
  // Writing shows what was there: see the demands of files.
  return effect === 'deny' && needed === 'write' && actions.has('read')
}
