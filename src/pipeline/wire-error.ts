import type { DenyReason } from '../domain/decision.ts'
import { ERRORS, type ErrorCode } from '../domain/errors.ts'

/** A refusal or a failure as every edge tells it: a code for programs, a sentence for people that says what to do. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  /** Whether the same request may be sent again as it is. */
  readonly retry: boolean
  readonly retryAfterMs?: number
  /** With `insufficient_scope`: everything the operation needs at once, for the challenge. */
  readonly requiredScopes?: readonly string[]
  readonly missingScopes?: readonly string[]
}

export function wireFailure(code: ErrorCode, message: string): WireError {
  return { code, message, retry: ERRORS[code].retry }
}

export function wireDenial(reason: DenyReason): WireError {
  const { code } = reason
  switch (code) {
    case 'host_not_found':
      return wireFailure(
        code,
        'There is no host of that name that you may use. List the hosts to see their names.',
      )
    case 'insufficient_scope':
      return {
        ...wireFailure(
          code,
          `The access token lacks ${reason.missing.join(' ')}. Ask for ${reason.required.join(' ')} and try again.`,
        ),
        requiredScopes: reason.required,
        missingScopes: reason.missing,
      }
    case 'forbidden':
      return wireFailure(code, `${reason.why} Nothing was run. Whoever runs the bridge can change the rules.`)
    case 'locked':
      return wireFailure(code, 'This is locked by an operator; nothing was run. Ask whoever runs the bridge.')
    case 'locks_unavailable':
      return wireFailure(
        code,
        'What operators have locked cannot be read now, so nothing was run. Try again shortly.',
      )
    case 'rate_limited': {
      const seconds = Math.ceil(reason.retryAfterMs / 1000)
      return {
        ...wireFailure(code, `${reason.budget ?? 'Too many calls'}. Try again in ${seconds} s.`),
        retryAfterMs: reason.retryAfterMs,
      }
    }
    case 'shutting_down':
      return wireFailure(code, 'The bridge is stopping; nothing was run. Try again shortly.')
  }
}

/** The members of the error as JSON: what REST puts under `error` and MCP into `structuredContent`. */
export function wireErrorBody(error: WireError): Record<string, unknown> {
  return {
    code: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.retryAfterMs !== undefined && { retry_after_seconds: Math.ceil(error.retryAfterMs / 1000) }),
    ...(error.requiredScopes && { required_scopes: error.requiredScopes }),
    ...(error.missingScopes && { missing_scopes: error.missingScopes }),
  }
}
