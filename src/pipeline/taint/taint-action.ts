import type { Answer, TaintAnswer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import { missingScopes, type Principal, principalKey, principalName } from '../../domain/principal.ts'
import type { Taint, TaintAction } from '../../domain/taint.ts'
import { OPERATE_SCOPE } from '../../policy/scopes.ts'
import { samePerson } from '../../policy/who/person-of.ts'
import type { Bridge } from '../bridge.ts'

type Failed = Extract<Answer, { readonly kind: 'failed' }>

/** What people ask about taints. A clearing is on record before it holds. */
export async function taintAction(
  call: Call,
  action: TaintAction,
  bridge: Bridge,
): Promise<TaintAnswer | Failed> {
  const { taints, audit, clock } = bridge
  if (action.kind === 'list_taints') return { kind: 'taints', taints: taints.list() }
  const taint = taints.find(action.taint)
  if (taint === undefined)
    return { kind: 'failed', code: 'taint_not_found', message: 'There is no such taint.' }
  const refused = whyNot(call.principal, taint, bridge)
  if (refused !== undefined) return { kind: 'failed', code: 'forbidden', message: refused }
  const by = principalName(call.principal)
  const { reason } = action
  const cleared = { type: 'taint.cleared', at: clock.now(), call, taint, by } as const
  await audit.append({ ...cleared, ...(reason !== undefined && { reason }) })
  await taints.clear(taint)
  return { kind: 'taint_cleared', taint }
}

/** Another person, known to be another; or an operator, but never by the very client that is tainted. */
function whyNot(by: Principal, { principal }: Taint, { rules }: Bridge): string | undefined {
  const isItself = principalKey(by) === principalKey(principal) && by.clientId === principal.clientId
  // guard: taint-is-cleared-by-others
  if (isItself) return 'Whoever is tainted cannot clear that by the same way in: somebody else has to.'
  if (missingScopes(by, [OPERATE_SCOPE]).length === 0) return undefined
  if (samePerson(by, principal, rules()?.people ?? []) === 'different') return undefined
  return `Another person has to clear it, known to be one, or an operator (${OPERATE_SCOPE}).`
}
