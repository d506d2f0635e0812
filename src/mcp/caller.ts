import type { AuthInfo } from '@modelcontextprotocol/server'
import type { Context } from 'hono'
import type { Action, Call, Edge } from '../domain/call.ts'
import type { Principal } from '../domain/principal.ts'
import { withTraceParent } from '../domain/trace.ts'
import { challengeContext } from '../http/challenge-context.ts'
import type { HttpEnv } from '../http/http-env.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import type { ChallengeContext } from '../oauth/challenge.ts'
import { metadataUrl } from '../oauth/metadata.ts'
import type { McpDeps } from './mcp-deps.ts'

/** Who asks, and by which door. Found anew for each HTTP request: a session never lends its first caller's rights to a later one. */
export interface Caller {
  readonly principal: Principal
  readonly edge: Edge
  readonly remoteAddress?: string
  /** Over HTTP: what a step-up challenge says. */
  readonly challenge?: ChallengeContext
  /** W3C Trace Context, as the request said it. */
  readonly traceParent?: string
}

/** Who asks, as the guards found out for this very request. */
export function callerOf(c: Context<HttpEnv>, edge: 'mcp_http' | 'mcp_sse', deps: McpDeps): Caller {
  const remoteAddress = c.get('remoteAddress')
  const traceParent = c.req.header('traceparent')
  return {
    principal: c.get('principal'),
    edge,
    ...(traceParent !== undefined && { traceParent }),
    challenge: challengeContext(c, deps.config().server.auth.oauth),
    ...(remoteAddress !== undefined && { remoteAddress }),
  }
}

export function newCall(
  action: Action,
  { principal, edge, remoteAddress, traceParent }: Caller,
  clock: Clock,
): Call {
  const call = {
    id: randomId('call'),
    principal,
    action,
    edge,
    receivedAt: clock.now(),
    ...(remoteAddress !== undefined && { remoteAddress }),
  }
  return withTraceParent(call, traceParent)
}

const callers = new WeakMap<AuthInfo, Caller>()

/** The caller in the form in which the SDK carries it from a request to a tool. The token itself stays outside. */
export function authInfoOf(caller: Caller): AuthInfo {
  const { principal, challenge } = caller
  const authInfo: AuthInfo = {
    token: '',
    clientId: principal.clientId ?? '',
    scopes: principal.scopes === 'all' ? [] : [...principal.scopes],
    ...(challenge?.oauth && { resourceMetadataUrl: metadataUrl(challenge.baseUrl, challenge.path) }),
  }
  callers.set(authInfo, caller)
  return authInfo
}

/** Only what `authInfoOf` made is believed. */
export function callerIn(authInfo: AuthInfo | undefined): Caller | undefined {
  return authInfo && callers.get(authInfo)
}

/** A call can say by itself of which trace it is a part: MCP's `_meta` comes before the header of its request. */
export function withMeta(caller: Caller, meta: Readonly<Record<string, unknown>> | undefined): Caller {
  return typeof meta?.traceparent === 'string' ? { ...caller, traceParent: meta.traceparent } : caller
}
