import type { Config } from '../config/config.ts'
import type { OAuthConfig } from '../config/oauth-config.ts'
import { metadataUrl } from '../oauth/metadata.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { type Asking, ask, type JsonRecord, listIn, type Reply } from './ask.ts'
import { type Certificates, lookAtCertificates } from './certificates.ts'
import { type ChallengeWords, readChallenge } from './challenge-words.ts'
import type { HostEyes } from './host-eyes.ts'
import { authorizationPlaces, documentOf, type ServerDocuments } from './server-places.ts'

export interface LookSettings {
  /** Where clients reach the bridge, without a final slash and without `/mcp`; absent when it speaks over stdio alone. */
  readonly baseUrl?: string
  /** Absent when a bridge is looked at whose configuration is not here. */
  readonly config?: Config
  readonly token?: string
  readonly hosts?: HostEyes
  /** Of the bridge's own people; absent where it has none. `ready`: have chosen a password and are not disabled. */
  readonly people?: () => Promise<{ readonly all: number; readonly ready: number }>
  readonly fetch: Fetch
  readonly ca?: string
  readonly now: () => Date
}

/** A stream that has not begun by then is kept back by somebody. */
const BEGINS_MS = 3_000

/** The request that most clients open with. */
export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'ssh-mcp-bridge-doctor', version: '1' },
  },
} as const

export const MCP_HEADERS = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
} as const

/** The three places of RFC 9728 §3 and §5.1 at which clients look, in the order in which most do. */
export interface ResourcePlace {
  readonly place: 'challenge' | 'path' | 'root'
  /** Undefined: the challenge names none. */
  readonly url: string | undefined
  readonly reply: Reply | undefined
}

/** Everything that is seen from outside. Each thing is looked at once, when somebody first asks for it, and remembered. */
export class Look {
  readonly settings: LookSettings
  readonly #seen = new Map<string, Promise<unknown>>()

  constructor(settings: LookSettings) {
    this.settings = settings
  }

  /** @throws TypeError where the bridge has no address: those checks are not made then. */
  get baseUrl(): string {
    const { baseUrl } = this.settings
    if (baseUrl === undefined) throw new TypeError('the bridge has no address')
    return baseUrl
  }

  get mcpUrl(): string {
    return `${this.baseUrl}/mcp`
  }

  get isSecure(): boolean {
    return this.baseUrl.startsWith('https:')
  }

  get oauth(): OAuthConfig | undefined {
    return this.settings.config?.server.auth.oauth
  }

  /** What an answer repeats of the token is taken out of it here, before anybody cuts it to size. */
  async ask(url: string, asking: Asking = {}): Promise<Reply> {
    const { fetch, now, token } = this.settings
    const reply = await ask(fetch, url, asking, now)
    // guard: doctor-shows-no-token
    return token === undefined || reply.kind === 'silent'
      ? reply
      : { ...reply, text: reply.text.replaceAll(token, '[token]') }
  }

  /** Whether an answer begins soon, however long it lasts. */
  async beginning(url: string, asking: Asking): Promise<'begun' | 'silent'> {
    const soon = AbortSignal.timeout(BEGINS_MS)
    try {
      const response = await this.settings.fetch(url, { ...asking, signal: soon } as RequestInit)
      await response.body?.cancel()
      return 'begun'
    } catch {
      return 'silent'
    }
  }

  /** A document that anybody may read. */
  get(url: string): Promise<Reply> {
    return this.#once(`GET ${url}`, () => this.ask(url, { headers: { Accept: 'application/json' } }))
  }

  certificates(): Promise<Certificates> {
    return this.#once('certificates', () => lookAtCertificates(new URL(this.baseUrl), this.settings.ca))
  }

  /** `POST /mcp` as a client sends it first, without a token. */
  posted(): Promise<Reply> {
    const body = JSON.stringify(INITIALIZE)
    return this.#once('POST /mcp', () =>
      this.ask(this.mcpUrl, { method: 'POST', headers: MCP_HEADERS, body }),
    )
  }

  /** `GET /mcp`, as some clients open. An answer that is a stream is not waited for. */
  got(): Promise<Reply> {
    const headers = { Accept: 'text/event-stream' }
    return this.#once('GET /mcp', () => this.ask(this.mcpUrl, { headers, until: () => true }))
  }

  async challenge(): Promise<ChallengeWords | undefined> {
    const reply = await this.posted()
    return reply.kind === 'answered' ? readChallenge(reply.headers.get('www-authenticate')) : undefined
  }

  /** Whether people sign in: as configured, else as the challenge or a metadata document says. */
  async signsIn(): Promise<boolean> {
    if (this.settings.config !== undefined) return this.oauth !== undefined
    const places = await this.resourcePlaces()
    return places.some(({ place, url, reply }) =>
      place === 'challenge' ? url !== undefined : reply?.kind === 'answered' && reply.status === 200,
    )
  }

  resourcePlaces(): Promise<readonly ResourcePlace[]> {
    return this.#once('resource places', async () => {
      const named = (await this.challenge())?.resource_metadata
      const at = async (place: ResourcePlace['place'], url: string | undefined): Promise<ResourcePlace> => ({
        place,
        url,
        reply: url !== undefined && URL.canParse(url) ? await this.get(url) : undefined,
      })
      return Promise.all([
        at('challenge', named),
        at('path', metadataUrl(this.baseUrl, '/mcp')),
        at('root', metadataUrl(this.baseUrl, '')),
      ])
    })
  }

  /** The metadata of the MCP address, from the first place that has one. */
  async resource(): Promise<JsonRecord | undefined> {
    const found = (await this.resourcePlaces()).map(({ reply }) => documentOf(reply))
    return found.find((document) => document !== undefined)
  }

  /** As the metadata says, which is what clients go by; as configured where there is none. */
  async issuers(): Promise<readonly string[]> {
    const announced =
      this.settings.baseUrl === undefined ? [] : listIn(await this.resource(), 'authorization_servers')
    const known = announced.length > 0 ? announced : (this.oauth?.issuers ?? []).map(({ issuer }) => issuer)
    return [...new Set(known)].filter((issuer) => URL.canParse(issuer))
  }

  server(issuer: string): Promise<ServerDocuments> {
    return this.#once(`server ${issuer}`, () => authorizationPlaces(issuer, (url) => this.get(url)))
  }

  /** Looks once at whatever `key` stands for. */
  once<Seen>(key: string, look: () => Promise<Seen>): Promise<Seen> {
    return this.#once(`own ${key}`, look)
  }

  #once<Seen>(key: string, look: () => Promise<Seen>): Promise<Seen> {
    const known = this.#seen.get(key) as Promise<Seen> | undefined
    if (known !== undefined) return known
    const seeing = look()
    this.#seen.set(key, seeing)
    return seeing
  }
}
