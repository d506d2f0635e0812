import type { ActionClass, ApprovalTerms, Decision } from '../../domain/decision.ts'
import type { Rule } from '../rule-set.ts'
import { type Circumstances, concerns } from './concerns.ts'
import type { Demand } from './demand.ts'
import { sensitivity } from './sensitive-places.ts'

/** What the rules say to one thing that a call needs. */
export type Ruling = Ruled & { readonly demand: Demand; readonly observed?: Decision['observed'] }

type Ruled =
  | { readonly verdict: 'allow'; readonly rule: Rule }
  /** `because`: what made more of it than the rule says by itself. */
  | {
      readonly verdict: 'approve'
      readonly rule: Rule
      readonly terms: ApprovalTerms
      readonly because?: Because
    }
  | { readonly verdict: 'deny'; readonly rule: Rule | undefined; readonly why?: string }
  /** The rule holds for tokens with the scope. */
  | { readonly verdict: 'deny'; readonly rule: Rule; readonly lacks: string }

export interface Because {
  readonly kind: 'sensitive' | 'tainted'
  /** To follow "because". */
  readonly what: string
}

export interface Asked {
  readonly circumstances: Circumstances
  readonly holds: (scope: string) => boolean
  readonly usesSecrets: boolean
  /** The caller has read what others may have written, and where. */
  readonly tainted?: string
}

/** The first of the rules that is about the demand decides; without one it is denied. What allows must be certain. */
export function ruleOn(demand: Demand, rules: readonly Rule[], asked: Asked): Ruling {
  let observed: Decision['observed']
  for (const rule of rules) {
    const about = concerns(rule, demand, asked.circumstances)
    if (about === 'no') continue
    // guard: allow-needs-certainty
    if (rule.effect === 'allow' && about === 'maybe') continue
    // Another may say that withheld values are used.
    if (rule.effect === 'allow' && asked.usesSecrets && !rule.allowsSecrets) continue
    const ruled = apply(rule, demand, asked)
    // guard: observing-decides-nothing
    if (!rule.onlyObserves) return { ...ruled, demand, ...(observed && { observed }) }
    observed ??= { rule: rule.name, verdict: ruled.verdict }
  }
  return { verdict: 'deny', rule: undefined, demand, ...(observed && { observed }) }
}

function apply(rule: Rule, demand: Demand, asked: Asked): Ruled {
  if (rule.effect === 'deny') return { verdict: 'deny', rule }
  if (rule.stepUp !== undefined && !asked.holds(rule.stepUp))
    return { verdict: 'deny', rule, lacks: rule.stepUp }
  // guard: secrets-need-their-rule
  if (asked.usesSecrets && !rule.allowsSecrets)
    return { verdict: 'deny', rule, why: 'it does not let withheld values be used' }

  const sensitive = sensitivityOf(demand, rule)
  const tainted = taintOf(demand, rule, asked)
  if (tainted !== undefined && rule.whenTainted === 'deny')
    return { verdict: 'deny', rule, why: tainted.what }
  const because = sensitive ?? tainted
  if (rule.effect === 'allow' && because === undefined) return { verdict: 'allow', rule }
  // guard: nobody-to-ask
  if (rule.terms === undefined)
    return {
      verdict: 'deny',
      rule,
      why: `${because?.what ?? 'somebody must approve it'}, and the configuration names nobody who may approve it`,
    }
  return { verdict: 'approve', rule, terms: rule.terms, ...(because && { because }) }
}

function sensitivityOf({ about }: Demand, rule: Rule): Because | undefined {
  // guard: sensitive-places
  if (rule.allowsSensitive || about.kind !== 'place' || about.use !== 'write') return undefined
  const what = sensitivity(about.place)
  return what === undefined ? undefined : { kind: 'sensitive', what: `what stands there ${what}` }
}

const RAISED: readonly ActionClass[] = ['write', 'run', 'sudo']

function taintOf({ class: needed }: Demand, rule: Rule, { tainted }: Asked): Because | undefined {
  // guard: taint-raises
  if (tainted === undefined || rule.whenTainted === undefined || !RAISED.includes(needed)) return undefined
  return { kind: 'tainted', what: `what was read before may hold instructions of others (${tainted})` }
}
