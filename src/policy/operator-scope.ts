import type { Action } from '../domain/call.ts'
import { APPROVE_SCOPE, EXECUTE_SCOPE, OPERATE_SCOPE } from './scopes.ts'

/** The scope that what operators and approvers do needs; undefined for every other action. */
export function operatorScope({ kind }: Action): string | undefined {
  switch (kind) {
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
    case 'confirm_command':
      return EXECUTE_SCOPE
    default:
      return undefined
  }
}
