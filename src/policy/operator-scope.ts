import type { Action } from '../domain/call.ts'
import { APPROVE_SCOPE, AUDIT_SCOPE, EXECUTE_SCOPE, OPERATE_SCOPE } from './scopes.ts'

/** The scopes that what operators and approvers do needs; undefined for every other action. */
export function operatorScopes(action: Action): readonly string[] | undefined {
  // It reads what others did, and tries out what only those who look after the rules write.
  // guard: replay-for-auditors-and-admins
  if (action.kind === 'replay_rules') return [AUDIT_SCOPE, OPERATE_SCOPE]
  const scope = operatorScope(action)
  return scope === undefined ? undefined : [scope]
}

function operatorScope(action: Action): string | undefined {
  switch (action.kind) {
    case 'get_command_output':
    case 'cancel_command':
      // guard: commands-of-others-for-operators
      return action.ofAnybody === true ? OPERATE_SCOPE : undefined
    case 'list_approvals':
    case 'answer_approval':
    case 'list_grants':
    case 'revoke_grant':
    case 'list_taints':
    case 'clear_taint':
      return APPROVE_SCOPE
    case 'list_locks':
    case 'add_lock':
    case 'remove_lock':
      // guard: locks-for-operators
      return OPERATE_SCOPE
    case 'search_audit':
    case 'read_audit_record':
    case 'export_audit':
    case 'verify_audit':
      // guard: audit-for-auditors
      return AUDIT_SCOPE
    case 'list_recordings':
    case 'read_recording':
    case 'read_recording_cast':
      // guard: recordings-for-auditors
      return AUDIT_SCOPE
    case 'confirm_command':
      return EXECUTE_SCOPE
    default:
      return undefined
  }
}
