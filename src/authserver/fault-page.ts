import type { Log } from '../domain/log.ts'
import { problemPage } from './pages.ts'
import { htmlResponse } from './sign-in.ts'

const AGAIN_S = 30

const AWAY =
  'Nobody can sign in just now: the database of this server does not answer. That is not your fault, and your sign-in is not lost. Wait half a minute, then load this page again and send the form once more. If it stays like this, tell whoever runs the server.'

export const FAILED =
  'Something went wrong at this server, not with you. Try again in a minute; whoever runs it finds the reason in its log.'

/** What a person who sits in front of a page is answered when `answer` rejects. The reason is for the log. */
export async function orFaultPage(answer: Promise<Response>, log: Log): Promise<Response> {
  try {
    return await answer
  } catch (cause) {
    const { code, stack } = Object(cause) as { code?: unknown; stack?: unknown }
    if (code === 'DATABASE_AWAY') {
      log.warn('A page of the login could not be answered: the database is away', { cause: String(cause) })
      return htmlResponse(503, problemPage('Try again in a moment', AWAY), { retryAfterS: AGAIN_S })
    }
    log.error('A page of the login failed through a defect', { cause: String(stack ?? cause) })
    return htmlResponse(500, problemPage('This did not work', FAILED))
  }
}
