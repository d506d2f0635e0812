import { type Clock, withTimeout } from '../lib/clock.ts'
import type { ConfiguredFaults } from './configured-faults.ts'
import { type Fetch, OutboundError, type OutboundSettings } from './fetch.ts'
import { findAddresses, type Resolve, systemResolve } from './find-address.ts'
import { type Incoming, type Outgoing, send } from './send.ts'

/** For everything that one request takes: the name, the connection, redirects, the whole answer. */
export const FETCH_TIMEOUT_MS = 5_000

const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Fetch §2.2.3: with these a `Response` has no body. */
const WITHOUT_BODY = new Set([204, 205, 304])

export interface OutboundParts {
  readonly clock: Clock
  /** Told of what the operator wrote down and is not asked. */
  readonly faults?: ConfiguredFaults
  readonly resolve?: Resolve
  /** Certificate authorities instead of the platform's. */
  readonly ca?: string
}

/**
 * The one way out for requests that the bridge itself makes. https only, to public addresses only; loopback (also over http) where
 * exactly that origin is configured, and private addresses where `outbound.private_addresses` names them. The name is resolved once and
 * the connection made to what it was resolved to. An answer is read whole: at most 512 KB after unpacking, within 5 s.
 *
 * Redirects are not followed: `redirect: 'manual'` gives the redirect itself, everything else rejects. With `redirect: 'follow'`, said
 * expressly, a GET follows at most three within the same origin. Rejects with an `OutboundError`, or the caller's own signal's reason.
 * Does not use a proxy of the environment, and does not protect from what the asked server says.
 */
export function guardedFetch(settings: () => OutboundSettings, parts: OutboundParts): Fetch {
  const { clock, resolve = systemResolve, ca } = parts

  async function ask(url: URL, out: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const addresses = await unless(signal, findAddresses(url, settings(), resolve))
    return send(url, out, { addresses, ...(ca !== undefined && { ca }) }, signal)
  }

  async function follow(start: URL, out: Outgoing, redirect: RequestInit['redirect'], signal: AbortSignal) {
    let url = start
    for (let followed = 0; ; followed++) {
      const answer = await ask(url, out, signal)
      if (!REDIRECTS.has(answer.status) || redirect === 'manual') return answer
      const mayFollow = redirect === 'follow' && out.method === 'GET' && followed < MAX_REDIRECTS
      url = nextPlace(url, answer, mayFollow)
    }
  }

  return async (address, init = {}) => {
    const url = new URL(address)
    // The address would be in the error of the platform as a whole.
    if (url.username !== '' || url.password !== '')
      throw new OutboundError('credentials_in_url', `an address at ${url.host} must not hold credentials`)
    const out = await outgoing(url, init)
    const late = new OutboundError('timeout', `${url.host} gave no answer within ${FETCH_TIMEOUT_MS} ms`)
    try {
      return await withTimeout(clock, FETCH_TIMEOUT_MS, late, async (timeout) => {
        const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout
        try {
          return toResponse(await follow(url, out, init.redirect, signal))
        } catch (error) {
          throw signal.aborted ? signal.reason : error
        }
      })
    } catch (error) {
      parts.faults?.tell(url.origin, error)
      throw error
    }
  }
}

/** The platform reads every form that headers and bodies may have. */
async function outgoing(url: URL, { method, headers, body }: RequestInit): Promise<Outgoing> {
  const request = new Request(url.href, {
    ...(method !== undefined && { method }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })
  const { cookie: _, ...sent } = Object.fromEntries(request.headers)
  return {
    method: request.method,
    headers: sent,
    body: request.body === null ? undefined : Buffer.from(await request.arrayBuffer()),
  }
}

function nextPlace(from: URL, { status, headers }: Incoming, mayFollow: boolean): URL {
  const location = headers.get('location') ?? ''
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const isSame = to?.origin === from.origin && to.username === '' && to.password === ''
  // guard: outbound-redirects
  if (to === undefined || !isSame || !mayFollow)
    throw new OutboundError(
      'redirected',
      `${from.host} answered with status ${status}, a redirect${to === undefined || isSame ? '' : ` to ${to.host}`}, which is not followed: configure the address that answers itself`,
    )
  return to
}

function toResponse({ status, headers, body }: Incoming): Response {
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers })
}

/** Resolving a name cannot be called off, but nobody has to wait for it. */
async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  return new Promise<T>((resolve, reject) => {
    const callOff = () => reject(signal.reason)
    signal.addEventListener('abort', callOff, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', callOff))
  })
}
