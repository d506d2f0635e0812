import type { Fetch } from '../outbound/fetch.ts'

/** What came of one request. */
export type Reply = Answered | Silent

export interface Answered {
  readonly kind: 'answered'
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as a JSON object; undefined when it is none. */
  readonly json: JsonRecord | undefined
  /** When the answer began, by the clock of this machine. */
  readonly at: Date
}

/** No answer. `code` as Node.js names it: ENOTFOUND, ECONNREFUSED, ETIMEDOUT, CERT_HAS_EXPIRED, TOO_LARGE. */
export interface Silent {
  readonly kind: 'silent'
  readonly url: string
  readonly code: string
  readonly message: string
}

export type JsonRecord = Readonly<Record<string, unknown>>

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Reads no further once the text so far is enough: of a stream that never ends by itself. */
  readonly until?: (text: string) => boolean
}

/** No document that anybody needs here is larger. */
const LARGEST_BYTES = 1024 * 1024

/** Asks once; never rejects. */
export async function ask(
  fetch: Fetch,
  url: string,
  { until, ...init }: Asking,
  now: () => Date,
): Promise<Reply> {
  try {
    const response = await fetch(url, { redirect: 'manual', ...init })
    const at = now()
    const text = await textOf(response, until)
    return {
      kind: 'answered',
      url,
      status: response.status,
      headers: response.headers,
      text,
      json: jsonOf(text),
      at,
    }
  } catch (error) {
    return { kind: 'silent', url, ...faultOf(error) }
  }
}

async function textOf(response: Response, until: Asking['until']): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  // Leaving the loop early closes the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > LARGEST_BYTES)
      throw Object.assign(new Error(`more than ${LARGEST_BYTES} bytes`), { code: 'TOO_LARGE' })
    text += decoder.decode(chunk, { stream: true })
    if (until?.(text) === true) break
  }
  return text
}

function jsonOf(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonRecord)
      : undefined
  } catch {
    return undefined
  }
}

function faultOf(error: unknown): { code: string; message: string } {
  // Several addresses were tried: the first one's fault stands for all.
  const first = error instanceof AggregateError ? error.errors[0] : error
  const { code, name, message } = first as NodeJS.ErrnoException
  const isLate = name === 'TimeoutError' || name === 'AbortError'
  return {
    code: isLate ? 'ETIMEDOUT' : (code ?? 'FAILED'),
    message: isLate ? 'no answer in time' : String(message),
  }
}

/** Texts of a member that should be a list of texts; anything else in it is left out. */
export function listIn(document: JsonRecord | undefined, name: string): readonly string[] {
  const value = document?.[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

export function textIn(document: JsonRecord | undefined, name: string): string | undefined {
  const value = document?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `HTTP 404`, or why there was no answer. */
export function outcomeOf(reply: Reply): string {
  if (reply.kind === 'silent') return reply.message
  const where = reply.headers.get('location')
  return `HTTP ${reply.status}${where === null ? '' : ` leading to ${where}`}`
}
