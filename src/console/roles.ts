import { missingScopes, type Principal } from '../domain/principal.ts'
import { ADMIN_SCOPE, APPROVE_SCOPE, AUDIT_SCOPE, OPERATE_SCOPE, VIEW_SCOPE } from '../policy/scopes.ts'

/** What somebody is to the console. `viewer` sees what goes on; each other role sees it too, and may do one thing more. */
export const CONSOLE_ROLES = ['viewer', 'approver', 'auditor', 'admin'] as const
export type ConsoleRole = (typeof CONSOLE_ROLES)[number]

const SCOPE_OF: Readonly<Record<Exclude<ConsoleRole, 'viewer'>, string>> = {
  approver: APPROVE_SCOPE,
  auditor: AUDIT_SCOPE,
  admin: OPERATE_SCOPE,
}

/** The scopes that the console asks for: whoever signs in gets those of them that they may have. */
export const CONSOLE_SCOPES: readonly string[] = [VIEW_SCOPE, ...Object.values(SCOPE_OF)]

/**
 * By the scopes of the token or key alone, like every right over what is not a host. `hasRules` false: there the scope `mcp:admin` reads
 * the audit too.
 */
export function consoleRolesOf(principal: Principal, hasRules: boolean): readonly ConsoleRole[] {
  const holds = (scope: string) => missingScopes(principal, [scope]).length === 0
  const roles = (['approver', 'auditor', 'admin'] as const).filter(
    (role) => holds(SCOPE_OF[role]) || (role === 'auditor' && !hasRules && holds(ADMIN_SCOPE)),
  )
  // guard: views-for-viewers
  return roles.length > 0 || holds(VIEW_SCOPE) ? ['viewer', ...roles] : []
}
