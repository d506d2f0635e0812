import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import type { Principal } from '../domain/principal.ts'
import { type DecisionContext, decide } from '../policy/decide.ts'
import type { Bridge } from './bridge.ts'
import type { Reach } from './fan-out/select-hosts.ts'

type Asked = Pick<Bridge, 'hosts' | 'rules' | 'clock'>

type AskedForNew = Asked & Pick<Bridge, 'locks' | 'taints'>

/** What is said to new work at this moment: by the rules, for a caller that is tainted or not, and by the locks over them. */
export function decideNow(call: Call, asked: AskedForNew): Decision {
  return asked.locks.over(call, decide(call, contextFor(call, asked)))
}

/** What is said to work that was permitted before: what its caller was shown since is no reason against it. */
export function decideAgain(call: Call, asked: Asked & Pick<Bridge, 'locks'>): Decision {
  return asked.locks.over(call, decideByRules(call, asked))
}

/** What the rules say to the call as they are at this moment, whatever is locked. */
export function decideByRules(call: Call, asked: Asked): Decision {
  return decide(call, contextNow(asked))
}

/** What is asked at this moment beside a new call of this caller. */
export function contextFor(
  { principal }: Pick<Call, 'principal'>,
  asked: Asked & Pick<Bridge, 'taints'>,
): DecisionContext {
  // guard: taint-is-asked
  const tainted = asked.taints.whyOf(principal)
  return { ...contextNow(asked), ...(tainted !== undefined && { tainted }) }
}

function contextNow({ hosts, rules, clock }: Asked): DecisionContext {
  const inForce = rules()
  return { hosts, now: clock.now(), ...(inForce && { rules: inForce }) }
}

/**
 * Whether one of many hosts is there for the command of a call on it. One whose scopes the caller lacks is passed over, as it always was;
 * what a rule says is told, also that it asks for a scope.
 */
export function reachOf(call: Call, asked: AskedForNew): Reach {
  const decision = decideNow(call, asked)
  if (decision.verdict !== 'deny') return 'open'
  const isOutOfReach = decision.reason.code === 'host_not_found' || decision.rule === 'required-scopes'
  return isOutOfReach ? 'hidden' : 'refused'
}

/**
 * Whether the principal, as it is now, may hear of what an earlier call of its own did: not when the rules deny it by now. A lock on its
 * host keeps nobody from reading what became of it.
 */
export function mayKnow(earlier: Call, principal: Principal, bridge: Asked): boolean {
  return decideByRules({ ...earlier, principal }, bridge).verdict !== 'deny'
}
