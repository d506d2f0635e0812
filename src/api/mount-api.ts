import type { Context, Hono } from 'hono'
import { withTraceParent } from '../domain/trace.ts'
import { challengeContext } from '../http/challenge-context.ts'
import { answerError } from '../http/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'
import { randomId } from '../lib/ids.ts'
import { insufficientScopeChallenge } from '../oauth/challenge.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { perform } from '../pipeline/perform.ts'
import { wireAnswer } from '../pipeline/wire.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'
import type { CallLimits, Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { readInput } from './read-input.ts'

export interface ApiDeps {
  readonly bridge: Bridge
  /** Asked for each call: a reload may change them. */
  readonly limits: () => CallLimits
  /** For step-up challenges; undefined when OAuth is off. */
  readonly oauth: () => OAuthSettings | undefined
  readonly version: string
}

/** REST under /api/v1, the same under /console/api/v1 for who is signed in there, its description at /openapi.json and a page to read it at /docs. */
export function mountApi(app: Hono<HttpEnv>, deps: ApiDeps): void {
  for (const operation of OPERATIONS) {
    app.on(operation.method, operation.path, (c) => answerOperation(operation, 'rest', c, deps))
    app.on(operation.method, `/console${operation.path}`, (c) =>
      answerOperation(operation, 'console', c, deps),
    )
  }

  app.get('/openapi.json', (c) =>
    c.json(openApiDocument({ version: deps.version, limits: deps.limits(), url: c.get('publicUrl') })),
  )
  app.get('/docs', (c) => {
    const page = docsPage(
      openApiDocument({ version: deps.version, limits: deps.limits(), url: c.get('publicUrl') }),
    )
    return c.html(page.html, 200, { 'Content-Security-Policy': page.contentSecurityPolicy })
  })
}

async function answerOperation(
  operation: Operation,
  edge: 'rest' | 'console',
  c: Context<HttpEnv>,
  deps: ApiDeps,
): Promise<Response> {
  const { bridge } = deps
  const limits = deps.limits()
  const action = operation.toAction(await readInput(operation, c, limits), limits)
  const remoteAddress = c.get('remoteAddress')
  const call = {
    id: randomId('call'),
    principal: c.get('principal'),
    action,
    edge,
    receivedAt: bridge.clock.now(),
    ...(remoteAddress !== undefined && { remoteAddress }),
  } as const

  withTraceParent(call, c.req.header('traceparent'))
  // The signal aborts when the client closes the connection, and that cancels the command.
  const answer = wireAnswer(await perform(call, bridge, c.req.raw.signal))
  if (answer.kind === 'result') return c.json(answer.body)
  const { error } = answer
  if (error.requiredScopes === undefined) return answerError(c, error)
  const challenge = insufficientScopeChallenge(error.requiredScopes, challengeContext(c, deps.oauth()))
  return answerError(c, error, { 'WWW-Authenticate': challenge })
}
