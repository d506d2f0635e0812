import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import type { Principal } from '../domain/principal.ts'
import { type DecisionContext, decide } from '../policy/decide.ts'
import type { Bridge } from './bridge.ts'

type Asked = Pick<Bridge, 'hosts' | 'rules' | 'clock'>

/** What the rules say to the call as they are at this moment. */
export function decideNow(call: Call, bridge: Asked): Decision {
  return decide(call, contextNow(bridge))
}

/** What is asked at this moment beside the call. */
export function contextNow({ hosts, rules, clock }: Asked): DecisionContext {
  const inForce = rules()
  return { hosts, now: clock.now(), ...(inForce && { rules: inForce }) }
}

/** Whether the principal, as it is now, may hear of what an earlier call of its own did: not when the rules deny it by now. */
export function mayKnow(earlier: Call, principal: Principal, bridge: Asked): boolean {
  return decideNow({ ...earlier, principal }, bridge).verdict !== 'deny'
}
