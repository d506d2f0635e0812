import type { ScopeChallenge, ScopeChallengeHandler } from '@modelcontextprotocol/server'
import type { Action } from '../domain/call.ts'
import { namedScopes } from '../oauth/metadata.ts'
import { type Caller, callerIn, newCall } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { McpDeps } from './mcp-deps.ts'

type Asked = Parameters<ScopeChallengeHandler>[0]['request']

let decide: Promise<typeof import('../pipeline/decide-now.ts')> | undefined

/**
 * Asked before a tool runs or a resource is read over HTTP, so that a missing scope is answered with 403 and a challenge (RFC 6750 §3.1) in place of a
 * result. The decision is made on the same typed call; a refusal goes the one way, so that it is on record.
 */
export function scopeChallengeFor(
  actionOf: (request: Asked) => Action | undefined,
  deps: McpDeps,
  calls: CallsUnderWay,
): ScopeChallengeHandler {
  return async ({ request, authInfo }) => {
    const caller = callerIn(authInfo)
    // Arguments that mean no action are told by the tool itself.
    const action = caller && actionOf(request)
    if (caller === undefined || action === undefined) return undefined

    decide ??= import('../pipeline/decide-now.ts')
    const { decideNow } = await decide
    const call = newCall(action, caller, deps.bridge.clock)
    const decision = decideNow(call, deps.bridge)
    if (decision.verdict !== 'deny' || decision.reason.code !== 'insufficient_scope') return undefined

    // A log that cannot be written, or too many calls: the tool meets the same and says so.
    const answer = await calls.perform(call, NOT_CANCELLED).catch(() => undefined)
    if (answer?.kind !== 'denied' || answer.reason.code !== 'insufficient_scope') return undefined
    return challengeOf(answer.reason.required, caller)
  }
}

const NOT_CANCELLED = new AbortController().signal

function challengeOf(required: readonly string[], { challenge }: Caller): ScopeChallenge | undefined {
  const names = challenge?.oauth ? namedScopes(challenge.oauth, required) : required
  const [first, ...others] = names
  if (first === undefined) return undefined
  return { scopes: [first, ...others], errorDescription: `This needs the scopes: ${required.join(' ')}` }
}
