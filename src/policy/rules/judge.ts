import { type Call, hostsOf, usesSecrets } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { type Host, type Hosts, hostName } from '../../domain/host.ts'
import { missingScopes } from '../../domain/principal.ts'
import type { RuleSet } from '../rule-set.ts'
import type { Understanding } from '../understanding.ts'
import { circumstancesOf } from './concerns.ts'
import { type Demand, demandsOf } from './demand.ts'
import { understoodLines } from './describe.ts'
import { type Asked, type Ruling, ruleOn } from './rule-on.ts'
import { rulesForHost } from './rules-for-host.ts'
import { standingBy } from './standing.ts'
import { understoodOnce } from './understood-once.ts'
import { verdictOf } from './verdict-of.ts'

export interface JudgeContext {
  readonly hosts: Hosts
  readonly rules: RuleSet
  readonly now: Date
  readonly tainted?: string
  readonly home?: string
}

/** A decision with how it came about, for those who ask why. */
export interface Judgement {
  readonly decision: Decision
  /** One for each thing that the call needs, in order. */
  readonly rulings: readonly Ruling[]
  /** Of a command. */
  readonly understanding?: Understanding
}

/**
 * What the rules say to a call on hosts that it names. An unknown host is judged like any other before it is said to be unknown; so is one
 * on which the caller may do nothing: the two are answered alike and take the same time.
 */
export function judge(call: Call, { hosts, rules, now, tainted, home }: JudgeContext): Judgement {
  const { action, principal } = call
  const named = hostsOf(action).map((name) => hosts.find(name))
  const understanding = action.kind === 'run' ? understoodOnce(action.command, rules.grammars) : undefined
  const asked: Asked = {
    circumstances: circumstancesOf(call, rules, now),
    holds: (scope) => missingScopes(principal, [scope]).length === 0,
    usesSecrets: usesSecrets(action),
    ...(tainted !== undefined && { tainted }),
  }
  const ruleThat = (demand: Demand): Ruling => ruleOn(demand, rulesForHost(rules, demand.host), asked)
  const hostOf = (name: string) => hosts.find(name) ?? NO_HOST
  const demands = demandsOf(action, { hostOf, understanding, home })
  const rulings = demands.map(ruleThat)
  // Where something is allowed, the host is within reach; to everything else all of it is asked, also where there is no host.
  const isGranted = rulings.length > 0 && rulings.every((ruling) => ruling.verdict !== 'deny')
  const isVisible = (host: Host | undefined) =>
    (isGranted && host !== undefined) || standingBy(rulesForHost(rules, host ?? NO_HOST), asked).isVisible
  const isOutOfReach = named.map((host) => !isVisible(host) || host === undefined).includes(true)
  const known = named.filter((host) => host !== undefined)
  // guard: hosts-out-of-reach
  const verdict = isOutOfReach
    ? HOST_NOT_FOUND
    : // It tells what would be denied; whoever sees the host may ask.
      action.kind === 'check_command'
      ? VISIBLE
      : verdictOf(rulings, { principal, hosts: known, ruleThat, understanding })
  const observed = rulings.map((ruling) => ruling.observed).find((one) => one !== undefined)
  const decision: Decision = {
    ...verdict,
    policy: rules.version,
    classes: [...new Set(demands.map((demand) => demand.class))],
    ...(understanding && { understood: understoodLines(understanding) }),
    ...(observed && { observed }),
  }
  return { decision, rulings, ...(understanding && { understanding }) }
}

const HOST_NOT_FOUND = {
  verdict: 'deny',
  rule: 'known-hosts-only',
  reason: { code: 'host_not_found' },
} as const satisfies Decision

const VISIBLE = { verdict: 'allow', rule: 'visible-hosts' } as const satisfies Decision

/** What an unknown name is judged as. */
const NO_HOST: Host = {
  name: hostName('0'),
  description: '',
  tags: [],
  executionMode: 'exec',
  requiredScopes: [],
  allowsSudo: false,
  allowsTerminal: false,
}
