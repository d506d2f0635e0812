import { ACTION_CLASSES, type ActionClass, type Decision } from '../../domain/decision.ts'
import type { Host } from '../../domain/host.ts'
import { missingScopes, type Principal } from '../../domain/principal.ts'
import type { RuleSet } from '../../policy/rule-set.ts'
import { circumstancesOf, circumstancesOfRoles } from '../../policy/rules/concerns.ts'
import { rulesForHost } from '../../policy/rules/rules-for-host.ts'
import { type Asking, type Say, saysOn } from '../../policy/rules/says-on.ts'
import { requiredScopes } from '../../policy/scopes.ts'

/** What somebody may do on a host, class by class, with the rules that say so. */
export interface HostRights {
  readonly host: string
  /** Without these nothing is open there. */
  readonly missing_scopes: readonly string[]
  readonly rights: readonly Right[]
}

export interface Right {
  readonly class: ActionClass
  /** `partly`: it depends on the command, the path, a scope, or where the call comes from. */
  readonly verdict: Decision['verdict'] | 'partly'
  /** In order; what none of them is about is denied. Empty without rules. */
  readonly says: readonly SaidByRule[]
}

export interface SaidByRule {
  readonly rule: string
  readonly verdict: Decision['verdict']
  /** Only what fits its patterns. */
  readonly partly: boolean
  /** Only from some networks: where a call comes from is not known here. */
  readonly from_somewhere: boolean
  readonly lacks_scope?: string
}

interface Context {
  readonly rules: RuleSet | undefined
  readonly now: Date
}

/** What the principal may do on each host, from wherever they call, at this moment. */
export function rightsOf(principal: Principal, { rules, now }: Context): (host: Host) => HostRights {
  const holds = (scope: string) => missingScopes(principal, [scope]).length === 0
  const asking = rules && { circumstances: circumstancesOf({ principal }, rules, now), holds }
  return (host) => {
    const missing = missingScopes(principal, requiredScopes(host.requiredScopes))
    return {
      host: host.name,
      missing_scopes: missing,
      rights: rightsOn(host, rules, asking, missing.length > 0),
    }
  }
}

/** What a role gives by itself on a host, to whoever has the scopes that the host requires. Undefined role: what everybody has. */
export function rightsOfRole(
  role: string | undefined,
  host: Host,
  { rules, now }: Context,
): readonly Right[] {
  const held = new Set(role === undefined ? [] : [role])
  const asking = { circumstances: circumstancesOfRoles(held, undefined, now), holds: () => false }
  return rightsOn(host, rules, asking, false)
}

function rightsOn(
  host: Host,
  rules: RuleSet | undefined,
  asking: Asking | undefined,
  isShut: boolean,
): readonly Right[] {
  const list = rules && rulesForHost(rules, host)
  return ACTION_CLASSES.map((needed): Right => {
    const says = list && asking ? saysOn(needed, list, asking).filter((say) => fits(say, needed)) : []
    const verdict = isShut ? 'deny' : list === undefined ? 'allow' : sumOf(says)
    return { class: needed, verdict, says: says.map(said) }
  })
}

/** Patterns are about what has words or a path: of the rest, a rule that has them says nothing, whatever its classes. */
function fits({ rule: { commands, paths, effect } }: Say, needed: ActionClass): boolean {
  if (needed === 'terminal') return effect !== 'allow' || (commands === undefined && paths === undefined)
  if (commands !== undefined && !OF_COMMANDS.includes(needed)) return false
  return paths === undefined || needed !== 'session'
}

const OF_COMMANDS: readonly ActionClass[] = ['read', 'run', 'sudo']

function sumOf(says: readonly Say[]): Right['verdict'] {
  const [first] = says
  const isPlain = first?.isWhole && first.isCertain && first.lacks === undefined
  if (first === undefined || isPlain) return first?.rule.effect ?? 'deny'
  return says.some(({ rule }) => rule.effect !== 'deny') ? 'partly' : 'deny'
}

function said({ rule, isWhole, isCertain, lacks }: Say): SaidByRule {
  return {
    rule: rule.name,
    verdict: rule.effect,
    partly: !isWhole,
    from_somewhere: !isCertain,
    ...(lacks !== undefined && { lacks_scope: lacks }),
  }
}
