import type { Answer } from '../domain/answer.ts'
import type { Call, RunAction } from '../domain/call.ts'
import type { CheckCommandAction } from '../domain/check.ts'
import { suggestChanges } from '../policy/changes/suggest-changes.ts'
import { decide } from '../policy/decide.ts'
import type { Bridge } from './bridge.ts'
import { contextFor } from './decide-now.ts'

/**
 * What the rules say at this moment to this caller running the command. Nothing of it reaches a host, and it tells no more than asking for
 * the command itself would: what the caller may do, never what others may or what rules say that are not about it.
 */
export function checkCommand(
  call: Call,
  action: CheckCommandAction,
  bridge: Pick<Bridge, 'hosts' | 'rules' | 'clock' | 'taints'>,
): Extract<Answer, { readonly kind: 'checked' }> {
  const asked = { ...call, action: runOf(action) }
  const context = contextFor(call, bridge)
  const decision = decide(asked, context)
  return { kind: 'checked', action, check: { decision, changes: suggestChanges(asked, decision, context) } }
}

/** How long it may take is no matter of rights. */
function runOf({ kind: _, ...asked }: CheckCommandAction): RunAction {
  return { kind: 'run', ...asked, timeoutMs: 0, waitMs: 0 }
}
