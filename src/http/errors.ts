import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { BridgeError, ERRORS, type ErrorCode } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { type WireError, wireErrorBody, wireFailure } from '../pipeline/wire-error.ts'
import type { HttpEnv } from './http-env.ts'

/** The one place where an error becomes an HTTP answer: `{error: {code, message, …}}` with the status of the error table. */
export function answerError(
  c: Context<HttpEnv>,
  error: WireError,
  headers: Record<string, string> = {},
): Response {
  const retryAfter: Record<string, string> =
    error.retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)) }
  return c.json({ error: wireErrorBody(error) }, ERRORS[error.code].http, { ...retryAfter, ...headers })
}

export function refuse(
  c: Context<HttpEnv>,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return answerError(c, wireFailure(code, message), headers)
}

/** For what was thrown. A defect's details go to the log under the request's id; the caller gets the id. */
export function errorHandler(log: Log): (error: Error, c: Context<HttpEnv>) => Response {
  return (error, c) => {
    if (error instanceof BridgeError) {
      log.warn(error.message, { request: c.get('requestId'), code: error.code, detail: detailOf(error) })
      return refuse(c, error.code, error.message)
    }
    if (error instanceof HTTPException && error.status < 500) return refuse(c, 'bad_request', error.message)
    const id = c.get('requestId')
    log.error('a request failed through a defect', { request: id, error: error.stack ?? error.message })
    return refuse(c, 'internal', `The bridge failed through a defect. Its log has the details under ${id}.`)
  }
}

function detailOf(error: BridgeError): string | undefined {
  return error.detail ?? (error.cause instanceof Error ? error.cause.message : undefined)
}
