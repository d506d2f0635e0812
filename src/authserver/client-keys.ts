import type { Clock } from '../lib/clock.ts'

/** A client that changes its keys waits so long at most. */
const KEEP_MS = 60_000
/** Addresses remembered. Each is in a document of its own, of which one network address has so many fetched. */
const MOST = 1_000
/** Of one client; the keys themselves are a few hundred bytes. */
const MOST_BYTES = 16 * 1024

interface Kept {
  readonly answer: Promise<{ readonly status: number; readonly text: string }>
  readonly untilMs: number
}

/**
 * The public keys that clients publish (`jwks_uri`). The provider library asks for them with every request that says it is of such a client, before
 * it can know: without this, anybody could have the bridge fetch an address as often as they like. Each is asked for once a minute, whatever
 * came of it.
 */
export function clientKeys(
  clock: Clock,
): (address: string, ask: () => Promise<Response>) => Promise<Response> {
  const known = new Map<string, Kept>()
  return async (address, ask) => {
    const nowMs = clock.monotonicMs()
    let kept = known.get(address)
    // guard: client-keys-once-a-minute
    if (kept === undefined || nowMs >= kept.untilMs) {
      kept = { answer: read(ask), untilMs: nowMs + KEEP_MS }
      known.delete(address)
      known.set(address, kept)
      const [oldest] = known.keys()
      if (known.size > MOST && oldest !== undefined) known.delete(oldest)
    }
    const { status, text } = await kept.answer
    return new Response(text, { status, headers: { 'content-type': 'application/json' } })
  }
}

async function read(ask: () => Promise<Response>): Promise<{ status: number; text: string }> {
  const answer = await ask()
  const text = await answer.text()
  if (Buffer.byteLength(text) > MOST_BYTES) throw new RangeError('the keys of a client are too long')
  // The library takes 200 alone, and some of the others may have no text.
  return { status: answer.status === 200 ? 200 : 502, text }
}
