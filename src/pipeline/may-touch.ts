import type { Action } from '../domain/call.ts'
import type { MayTouch, RealPlace } from '../domain/file.ts'
import type { Permit } from '../domain/permit.ts'
import { decide } from '../policy/decide.ts'
import type { Bridge } from './bridge.ts'
import { contextFor } from './decide-now.ts'

/** Of a path that the host does not tell, no pattern knows anything. */
const UNTOLD = '..'

/**
 * What the rules say to a permitted call once the host has told where what it asks for really is: they must allow that place too. What
 * people approved may be reached by another name only as far as the same rules ask for the same approval. Undefined without rules.
 */
export function mayTouchBy(
  { call, rule }: Permit,
  end: 'from' | 'to' | undefined,
  asked: Pick<Bridge, 'hosts' | 'rules' | 'clock' | 'taints'>,
): MayTouch | undefined {
  if (asked.rules() === undefined) return undefined
  return (place) => {
    const { home } = place
    const context = { ...contextFor(call, asked), ...(home !== undefined && { home }) }
    const decision = decide({ ...call, action: actionAt(call.action, end, place) }, context)
    // guard: real-path-is-decided
    return decision.verdict === 'allow' || (decision.verdict === 'approve' && decision.rule === rule)
  }
}

function actionAt(action: Action, end: 'from' | 'to' | undefined, { path = UNTOLD }: RealPlace): Action {
  if (action.kind === 'transfer_file')
    return end === undefined ? action : { ...action, [end]: { ...action[end], path } }
  return 'path' in action ? { ...action, path } : action
}
