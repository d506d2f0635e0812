import { type Fetch, OutboundError } from '../outbound/fetch.ts'
import { SinkFault } from './sender.ts'

export interface Post {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** The receiver takes no body of this size. */
export class TooLarge extends SinkFault {}

const TOO_LARGE = 413

/** Resolves to the answer's text once the receiver has said that it took it (2xx). Follows no redirect. @throws SinkFault */
export async function post(fetch: Fetch, { url, body, headers }: Post, signal: AbortSignal): Promise<string> {
  const { host } = new URL(url)
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal })
  } catch (cause) {
    throw new SinkFault(cause instanceof OutboundError ? cause.message : `${host} gave no answer`, { cause })
  }
  if (response.ok) return response.text()
  await response.body?.cancel()
  const said = `${host} answered HTTP ${response.status}`
  if (response.status === TOO_LARGE) throw new TooLarge(said)
  const retryAfterMs = retryAfter(response.headers.get('retry-after'), response.headers.get('date'))
  throw new SinkFault(said, retryAfterMs === undefined ? {} : { retryAfterMs })
}

/** RFC 9110 §10.2.3: seconds, or a date, which is compared with the receiver's own. */
function retryAfter(told: string | null, date: string | null): number | undefined {
  if (told === null) return undefined
  if (/^\d+$/.test(told)) return Number(told) * 1_000
  const ms = Date.parse(told) - Date.parse(date ?? '')
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
