import type { Fetch } from '../outbound/fetch.ts'

/**
 * GETs a JSON document. Rejects on any status but 200, on every redirect (the configured issuer speaks for itself), and when `signal`
 * aborts. What may be asked, for how long and how much of the answer is taken, is up to `fetch`.
 */
export async function fetchJson(url: URL, fetch: Fetch, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    ...(signal && { signal }),
    redirect: 'manual',
    headers: { accept: 'application/json, application/jwk-set+json' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url.href} answered with status ${response.status}`)
  }
  return parsed(await response.text(), url)
}

/** The parser's own message would show a piece of what was answered. */
function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${url.href} answered with something that is not JSON`)
  }
}
