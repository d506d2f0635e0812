import type { Call } from '../../domain/call.ts'
import { type Certainty, certain, every, some } from '../certainty.ts'
import { matches } from '../command-pattern.ts'
import type { Rule, RuleSet } from '../rule-set.ts'
import { rolesOf } from '../who/roles-of.ts'
import type { Demand } from './demand.ts'
import { matchPath, type Place } from './match-path.ts'
import { readsInputOnly } from './reads-input-only.ts'
import { isWithin } from './weekly-window.ts'

/** Whether a rule is for this caller, now, from where it calls: the same for everything that the call needs. */
export type Circumstances = (rule: Rule) => Certainty

export function circumstancesOf(
  { principal, remoteAddress }: Pick<Call, 'principal' | 'remoteAddress'>,
  rules: RuleSet,
  now: Date,
): Circumstances {
  return circumstancesOfRoles(rolesOf(principal, rules), remoteAddress, now)
}

/** The same for whoever holds these roles. */
export function circumstancesOfRoles(
  held: ReadonlySet<string>,
  remoteAddress: string | undefined,
  now: Date,
): Circumstances {
  const forCall = ({ roles, when, from }: Rule): Certainty => {
    if (roles !== undefined && !roles.some((role) => held.has(role))) return 'no'
    if (when !== undefined && !when.some((window) => isWithin(window, now))) return 'no'
    return from === undefined ? 'yes' : from.include(remoteAddress)
  }
  const known = new Map<Rule, Certainty>()
  return (rule) => {
    const before = known.get(rule)
    if (before !== undefined) return before
    const certainty = forCall(rule)
    known.set(rule, certainty)
    return certainty
  }
}

/** Whether the rule, which is about the host, is about what is needed there: by its class, the circumstances, and its patterns. */
export function concerns(rule: Rule, demand: Demand, circumstances: Circumstances): Certainty {
  // What takes no time first: most rules are about something else.
  const byClass = ofClass(rule, demand)
  if (byClass === 'no') return 'no'
  const forCall = circumstances(rule)
  if (forCall === 'no') return 'no'
  const byCommand = ofCommands(rule, demand)
  if (byCommand === 'no') return 'no'
  const byPath = ofPaths(rule, demand)
  if (byPath === 'no') return 'no'
  const isCertain = [byClass, forCall, byCommand, byPath].every((one) => one === 'yes')
  return isCertain ? 'yes' : 'maybe'
}

function ofClass({ actions }: Rule, demand: Demand): Certainty {
  if (actions === undefined || actions.has(demand.class)) return 'yes'
  return demand.mayBe.some((one) => actions.has(one)) ? 'maybe' : 'no'
}

function ofCommands({ commands }: Rule, { about }: Demand): Certainty {
  if (commands === undefined) return 'yes'
  switch (about.kind) {
    case 'nothing':
    case 'place':
      return 'no'
    case 'anything':
      return 'maybe'
    case 'program':
      return some(commands.map((pattern) => matches(pattern, about.part)))
  }
}

function ofPaths({ paths, effect }: Rule, { about }: Demand): Certainty {
  if (paths === undefined) return 'yes'
  const isCovered = (place: Place) => some(paths.map((pattern) => matchPath(pattern, place)))
  switch (about.kind) {
    case 'nothing':
      return 'no'
    case 'anything':
      return 'maybe'
    case 'place':
      return isCovered(about.place)
    case 'program': {
      const { part } = about
      if (part.startsNothing) return 'no'
      // What else it may touch, nobody knows.
      if (part.class !== 'read') return 'maybe'
      const below = part.readsBelow === true
      const reads = (part.reads ?? []).map((path) => isCovered({ path, isGlob: true, below }))
      if (reads.length === 0) return certain(effect === 'allow' && readsInputOnly(part))
      // To be let through, all that it reads must be of the paths; to be stopped, one is enough.
      return effect === 'allow' ? every(reads) : some(reads)
    }
  }
}
