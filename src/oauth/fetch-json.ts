import type { Clock } from '../lib/clock.ts'

/** Keys and metadata of a provider are a few kilobytes; Entra's are the largest at about 20. */
const MAX_DOCUMENT_BYTES = 512 * 1024

/** For everything that one refresh fetches, together. */
export const FETCH_TIMEOUT_MS = 5_000

/**
 * GETs a JSON document. Rejects on any status but 200, on every redirect (the configured issuer speaks for itself, and a redirect
 * could point into the bridge's own network), on more than `MAX_DOCUMENT_BYTES` after decompression, and when `signal` aborts, also
 * in the middle of the body.
 */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    signal,
    redirect: 'manual',
    headers: { accept: 'application/json, application/jwk-set+json' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url.href} answered with status ${response.status}`)
  }
  return JSON.parse(await readCapped(response, url))
}

/** Calls `work` with a signal that aborts when the time is over, by the clock that was handed in. */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const done = new AbortController()
  clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(new Error(`no answer within ${timeoutMs} ms`)),
    () => {}, // the work was done first
  )
  try {
    return await work(late.signal)
  } finally {
    done.abort()
  }
}

async function readCapped(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`${url.href} is larger than ${MAX_DOCUMENT_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
