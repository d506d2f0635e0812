/** The scope without which nothing is run anywhere. */
export const EXECUTE_SCOPE = 'mcp:execute'

/** Answers questions of others. Offered to no assistant: the metadata does not list it, so that a client does not ask for it by itself. */
export const APPROVE_SCOPE = 'mcp:approve'

/** Locks, and what else is the operators' own. Not listed either. */
export const OPERATE_SCOPE = 'mcp:operate'

/** Reads the audit, and nothing else. Not listed either. */
export const AUDIT_SCOPE = 'mcp:audit'

/** Sees on the console what goes on, and changes nothing. Every other right of an operator sees it too. Not listed either. */
export const VIEW_SCOPE = 'mcp:view'

/** What operators hold beside, or without, any right on a host. */
export const OPERATOR_SCOPES: readonly string[] = [APPROVE_SCOPE, OPERATE_SCOPE, AUDIT_SCOPE, VIEW_SCOPE]

/** Without rules it reads the audit too. */
export const ADMIN_SCOPE = 'mcp:admin'

/** Everything an operation on a host needs, at once: a client must not have to step up twice. */
export function requiredScopes(hostScopes: readonly string[]): string[] {
  return [...new Set([EXECUTE_SCOPE, ...hostScopes])]
}
