import type { Context, Hono } from 'hono'
import { wireFailure } from '../pipeline/wire-error.ts'
import { readWhole } from './body-guard.ts'
import { answerError, refuse } from './errors.ts'
import { type HttpEnv, SERVER_DOCUMENTS } from './http-env.ts'

/** The built-in login, as this room sees it: it answers requests that are known to be for this server, and small. */
export interface SignInDoor {
  answer(asked: { readonly request: Request; readonly remoteAddress?: string }): Promise<Response>
}

/** Longer than any form, registration or token request. */
const BODY_BYTES = 16_384

/** Stands before authentication, since whoever signs in is nobody yet, and before bodies are read: these are forms. */
export function mountSignIn(app: Hono<HttpEnv>, door: SignInDoor): void {
  const answer = async (c: Context<HttpEnv>) => {
    const { method, url, headers } = c.req.raw
    const body = method === 'POST' ? await readWhole(c, BODY_BYTES) : Buffer.alloc(0)
    if (body === 'too_large')
      return refuse(c, 'payload_too_large', `The body is longer than ${BODY_BYTES} bytes.`, {
        Connection: 'close',
      })
    if (body === 'broken_off')
      return answerError(c, wireFailure('bad_request', 'The body ended before it was whole.'))
    const remoteAddress = c.get('remoteAddress')
    return door.answer({
      request: new Request(url, { method, headers, ...(body.length > 0 && { body }) }),
      ...(remoteAddress !== undefined && { remoteAddress }),
    })
  }
  app.on(['GET', 'POST'], '/oauth/*', answer)
  for (const path of SERVER_DOCUMENTS) app.get(path, answer)
}
