import type { ApprovalTerms, Decision } from '../../domain/decision.ts'
import type { Host } from '../../domain/host.ts'
import { missingScopes, type Principal } from '../../domain/principal.ts'
import { requiredScopes } from '../scopes.ts'
import type { Understanding } from '../understanding.ts'
import { type Demand, opaque } from './demand.ts'
import { whyDenied } from './describe.ts'
import type { Ruling } from './rule-on.ts'

/** What is said where no rule is about something. */
export const NO_RULE = 'no-rule'
/** Stands behind the name of a rule that was made stricter by what the call touches, or by what was read before it. */
const RAISED = { sensitive: 'sensitive-places', tainted: 'tainted' } as const

interface Surroundings {
  readonly principal: Principal
  /** That the call names. */
  readonly hosts: readonly Host[]
  readonly ruleThat: (demand: Demand) => Ruling
  readonly understanding: Understanding | undefined
}

/** The rulings on everything that a call needs as one: the strictest holds for all, since nothing is half carried out. */
export function verdictOf(rulings: readonly Ruling[], around: Surroundings): Decision {
  const { principal, hosts } = around
  const stepUps = rulings.flatMap((ruling) => ('lacks' in ruling ? [ruling.lacks] : []))
  const ofHosts = requiredScopes(hosts.flatMap((host) => host.requiredScopes))
  const required = [...new Set([...ofHosts, ...stepUps])]
  const lacking = (rule: string): Decision => {
    const reason = {
      code: 'insufficient_scope',
      missing: missingScopes(principal, required),
      required,
    } as const
    return { verdict: 'deny', rule, reason }
  }
  if (missingScopes(principal, ofHosts).length > 0) return lacking('required-scopes')

  const denied = rulings.filter((ruling) => ruling.verdict === 'deny' && !('lacks' in ruling))
  const [first] = denied
  if (first !== undefined || rulings.length === 0) {
    const why = first === undefined ? 'There is nothing in it that the rules could allow.' : whyDenied(first)
    return { verdict: 'deny', rule: namesOf(denied), reason: { code: 'forbidden', why } }
  }
  if (stepUps.length > 0) return lacking(namesOf(rulings.filter((ruling) => 'lacks' in ruling)))

  const rule = namesOf(rulings)
  const asking = rulings.flatMap((ruling) => (ruling.verdict === 'approve' ? [ruling.terms] : []))
  if (asking.length === 0) return { verdict: 'allow', rule, ...scriptOf(rulings, around) }
  const terms = combine(asking)
  if (terms !== undefined) return { verdict: 'approve', rule, terms }
  const why =
    'Its parts need approvals of different people, and nobody may give all of them. Ask for each part by itself.'
  return { verdict: 'deny', rule, reason: { code: 'forbidden', why } }
}

function namesOf(rulings: readonly Ruling[]): string {
  const names = rulings.flatMap((ruling) => {
    const raised = ruling.verdict === 'approve' && ruling.because ? [RAISED[ruling.because.kind]] : []
    return [ruling.rule?.name ?? NO_RULE, ...raised]
  })
  return [...new Set(names)].join(', ') || NO_RULE
}

/** Everybody's conditions at once: who may approve must be named for every part. Undefined when nobody is. */
function combine([first, ...others]: readonly ApprovalTerms[]): ApprovalTerms | undefined {
  if (first === undefined) return undefined
  const all = [first, ...others]
  const approvers = first.approvers.filter((role) => others.every((terms) => terms.approvers.includes(role)))
  const selfApprove = all.every((terms) => terms.selfApprove)
  if (approvers.length === 0 && !selfApprove) return undefined
  return {
    approvers,
    count: Math.max(...all.map(({ count }) => count)),
    expiresAfterMs: Math.min(...all.map(({ expiresAfterMs }) => expiresAfterMs)),
    selfApprove,
  }
}

/**
 * What was allowed for what was understood of it is run as that. Whoever may run any text on the host runs their own, in their own
 * session.
 */
function scriptOf(
  rulings: readonly Ruling[],
  { ruleThat, understanding }: Surroundings,
): { script?: string } {
  if (understanding?.kind !== 'understood' || understanding.script === undefined) return {}
  const isForWhatItIs = ({ demand, rule }: Ruling) =>
    demand.class === 'read' || rule?.commands !== undefined || rule?.paths !== undefined
  const [{ demand } = { demand: undefined }] = rulings
  if (demand === undefined || !rulings.some(isForWhatItIs)) return {}
  const asText = ruleThat(
    opaque(
      demand.host,
      rulings.some((one) => one.demand.class === 'sudo'),
      '',
    ),
  )
  // guard: run-what-was-understood
  return asText.verdict === 'allow' ? {} : { script: understanding.script }
}
