/** The scope without which nothing is run anywhere. */
export const EXECUTE_SCOPE = 'mcp:execute'

/** Answers questions of others. Offered to no assistant: the metadata does not list it, so that a client does not ask for it by itself. */
export const APPROVE_SCOPE = 'mcp:approve'

/** Locks, and what else is the operators' own. Not listed either. */
export const OPERATE_SCOPE = 'mcp:operate'

/** Everything an operation on a host needs, at once: a client must not have to step up twice. */
export function requiredScopes(hostScopes: readonly string[]): string[] {
  return [...new Set([EXECUTE_SCOPE, ...hostScopes])]
}
