import type Provider from 'oidc-provider'
import type { errors } from 'oidc-provider'
import type { Log } from '../domain/log.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import { type Fetch, OutboundError } from '../outbound/fetch.ts'
import { onceAMinute } from './once-a-minute.ts'
import { redirectsFault } from './registration-rules.ts'

type CimdSettings = NonNullable<
  NonNullable<ConstructorParameters<typeof Provider>[1]>['features']
>['clientIdMetadataDocument']
type FetchSetting = NonNullable<NonNullable<ConstructorParameters<typeof Provider>[1]>['fetch']>

/** What of a document counts here; see the registration, which is read as narrowly. */
const MEMBERS = [
  'client_id',
  'client_name',
  'redirect_uris',
  'grant_types',
  'response_types',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'jwks',
  'jwks_uri',
]

export interface ClientDocuments {
  readonly feature: CimdSettings
  readonly fetch: FetchSetting
}

export interface DocumentRules {
  readonly isOn: boolean
  readonly fetch: Fetch
  readonly redirectHosts: () => readonly string[]
  /** Asked before a document is fetched for a request: whether its address may cause one more. */
  readonly mayFetch: (request: unknown) => boolean
  readonly state: SealedState
  readonly clock: Clock
  readonly log: Log
}

const KIND = 'client_document'
/** While a client's own server is down, its last document serves on: nobody has to sign in again for that. */
const KEEP_MS = 7 * 86_400_000
/** Documents kept for that; those fetched longest ago go. Anybody may have one fetched. */
const MOST = 1_000
/** The library takes none that is longer. */
const MOST_BYTES = 5 * 1024

/**
 * Clients whose id is the https address of a document about them (OAuth Client ID Metadata Document). Anybody can have the bridge fetch an address
 * that way: `fetch` is the guarded one, each network address has so many, and what is kept of them has an end.
 */
export function clientDocuments(rules: DocumentRules, { InvalidClient }: typeof errors): ClientDocuments {
  const asked = new Set<string>()
  const once = onceAMinute(rules.clock)
  return {
    feature: {
      enabled: rules.isOn,
      // The draft that was read when this was written; the library refuses to start when it implements another.
      ack: 'draft-02',
      allowFetch: (context, clientId) => {
        if (!rules.mayFetch(context?.req))
          throw new InvalidClient('too many client documents, try again later')
        asked.add(clientId)
        return true
      },
      allowClient: (_context, client) => {
        const fault = redirectsFault(client.redirectUris, rules.redirectHosts())
        if (fault !== undefined) throw new InvalidClient(fault)
        return true
      },
      cacheDuration: { min: 60, max: 3_600 },
    },
    fetch: (url, init) => {
      const address = String(url)
      const ask = () => once(address, () => rules.fetch(address, plain(init)))
      return asked.delete(address) ? documentAt(address, ask, rules) : ask()
    },
  }
}

/** The library's own protection would not let configured private addresses through; the guarded fetch has its own. */
function plain(init: RequestInit | undefined): RequestInit {
  const { method, headers, body, signal } = init ?? {}
  return {
    ...(method !== undefined && { method }),
    ...(headers !== undefined && { headers }),
    ...(body != null && { body }),
    ...(signal != null && { signal }),
    redirect: 'manual',
  }
}

async function documentAt(
  address: string,
  ask: () => Promise<Response>,
  { state, clock, log }: DocumentRules,
): Promise<Response> {
  let why: unknown
  try {
    const answer = await ask()
    if (answer.status === 200) {
      const text = narrowed(await answer.text())
      // guard: client-documents-have-an-end
      if (Buffer.byteLength(text) <= MOST_BYTES) {
        await state.save(KIND, address, text, new Date(clock.now().getTime() + KEEP_MS))
        await state.trim(KIND, MOST)
      }
      return documentOf(text, answer.headers)
    }
    if (answer.status < 500) return answer
    why = new Error(`status ${answer.status}`)
  } catch (cause) {
    why = cause
  }
  const last = await state.find(KIND, address)
  if (typeof last !== 'string') throw forStrangers(why, address, log)
  return documentOf(last, new Headers())
}

/** What a fetch says of names and addresses is for the operator: with it a stranger could look around in the network. */
function forStrangers(why: unknown, address: string, log: Log): Error {
  const host = URL.parse(address)?.host
  log.warn(
    'The document of a client cannot be fetched: let the bridge reach it, or set server.oauth.client_metadata_documents to false, and clients register',
    { host, cause: String(why) },
  )
  const fault = why instanceof OutboundError ? ` (${why.fault})` : ''
  return new Error(
    `the document that describes this client was not fetched${fault}; whoever runs the bridge finds the reason and the remedy in its log`,
  )
}

function documentOf(text: string, from: Headers): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  for (const name of ['cache-control', 'expires']) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  return new Response(text, { status: 200, headers })
}

/** Ports of loopback are any (RFC 8252 §7.3), which is what `native` means; and not every document says so. What cannot be read is told by the library. */
function narrowed(text: string): string {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return text
    // Shared secrets are refused by the library: what must not be there stays to be seen.
    const kept = Object.entries(document).filter(
      ([name]) => MEMBERS.includes(name) || name.startsWith('client_secret'),
    )
    return JSON.stringify({ ...Object.fromEntries(kept), application_type: 'native' })
  } catch {
    return text
  }
}
