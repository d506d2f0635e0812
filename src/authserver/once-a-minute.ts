import type { Clock } from '../lib/clock.ts'

/** What a client changed is seen after so long at most. */
const KEEP_MS = 60_000
/** Addresses remembered. Documents of clients are what leads to new ones, and one network address has so many of those fetched. */
const MOST = 1_000
/** Documents and keys of clients are a few kilobytes. */
const MOST_BYTES = 32 * 1024
/** Fetch §2.2.3: with these a `Response` has no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

interface Said {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/**
 * Asks each address once a minute, whatever came of it; meanwhile the same is said again. The provider library asks for the keys of a client
 * (`jwks_uri`) with every request that says it is of that client, before it can know, and for a document that it could not use again and again:
 * without this, anybody could have the bridge fetch as often as they like.
 */
export function onceAMinute(
  clock: Clock,
): (address: string, ask: () => Promise<Response>) => Promise<Response> {
  const known = new Map<string, { readonly said: Promise<Said>; readonly untilMs: number }>()
  return async (address, ask) => {
    const nowMs = clock.monotonicMs()
    let kept = known.get(address)
    // guard: clients-are-asked-once-a-minute
    if (kept === undefined || nowMs >= kept.untilMs) {
      kept = { said: read(ask), untilMs: nowMs + KEEP_MS }
      known.delete(address)
      known.set(address, kept)
      const [oldest] = known.keys()
      if (known.size > MOST && oldest !== undefined) known.delete(oldest)
    }
    const { status, headers, text } = await kept.said
    return new Response(WITHOUT_BODY.has(status) ? null : text, { status, headers })
  }
}

async function read(ask: () => Promise<Response>): Promise<Said> {
  const answer = await ask()
  const text = await answer.text()
  if (Buffer.byteLength(text) > MOST_BYTES) throw new RangeError('what a client publishes is too long')
  return { status: answer.status, headers: answer.headers, text }
}
