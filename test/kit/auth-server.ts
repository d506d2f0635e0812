import { createHash } from 'node:crypto'
import { AuthServer } from '../../src/authserver/auth-server.ts'
import type { AuthServerSettings } from '../../src/authserver/auth-server-parts.ts'
import type { Account } from '../../src/authserver/login.ts'
import { MemoryState } from '../../src/authserver/memory-state.ts'
import { loginPage } from '../../src/authserver/pages.ts'
import type { LoginEvent } from '../../src/domain/login-event.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Fetch } from '../../src/outbound/fetch.ts'

export const ISSUER = 'https://ssh-mcp.example.com/bridge'
export const REDIRECT = 'http://127.0.0.1:4711/callback'
export const VERIFIER = 'v'.repeat(64)

/** The bridge's own authorization server without a socket, behind an https address with a path, and a browser in front of it. */
export async function openAuthServer({
  fetch,
  ...changes
}: Partial<AuthServerSettings> & { fetch?: Fetch } = {}) {
  const events: LoginEvent[] = []
  const lines: string[] = []
  const people = new Map<string, Account>()
  for (const [id, scopes] of [
    ['alice', ['mcp:execute', 'mcp:admin']],
    ['bob', ['mcp:execute']],
  ] as const)
    people.set(id, { id, username: id, groups: ['operators'], scopes })
  const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  // The provider library asks the system for the time, so this one cannot be another.
  const clock: Clock = { now: () => new Date(), monotonicMs: () => 0, sleep: async () => undefined }
  const settings: AuthServerSettings = {
    issuer: ISSUER,
    resources: [ISSUER, `${ISSUER}/`, `${ISSUER}/mcp`],
    scopesOffered: ['mcp:execute', 'mcp:admin'],
    otherScopes: ['mcp:operate'],
    accessTokenSeconds: 600,
    tokenAlgorithm: 'RS256',
    refreshTokenSeconds: 86_400,
    registration: { enabled: true, redirectHosts: ['chatgpt.com'], perHour: 1_000, keepMs: 86_400_000 },
    clientMetadataDocuments: true,
    ...changes,
  }
  const state = new MemoryState(clock)
  const server = await AuthServer.open({
    settings: () => settings,
    state,
    login: {
      find: async (id) => people.get(id),
      page: async () => undefined,
      async signIn({ method, form }) {
        const account = people.get(form.get('username') ?? '')
        if (method === 'GET' || account === undefined) return { kind: 'page', status: 200, html: loginPage() }
        return { kind: 'signed_in', account }
      },
    },
    fetch: fetch ?? (() => Promise.reject(new Error('nothing is there'))),
    clock,
    log: { debug: write, info: write, warn: write, error: write },
    note: async (event) => void events.push(event),
  })

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    // As a proxy passes it on: without the path of the public address, to an address of its own.
    const url = new URL(path, 'http://10.0.0.7:8080')
    const request = new Request(
      `http://10.0.0.7:8080${url.pathname.replace(/^\/bridge/, '')}${url.search}`,
      init,
    )
    return server.answer({ request, remoteAddress: '192.0.2.7' })
  }

  async function register(metadata: Record<string, unknown> = {}): Promise<string> {
    const response = await send('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none', ...metadata }),
    })
    const { client_id } = (await response.json()) as { client_id: string }
    return client_id
  }

  async function token(
    form: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, string> }> {
    const response = await send('/oauth/token', { method: 'POST', body: new URLSearchParams(form) })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }

  return { server, state, events, lines, people, send, register, token, browser: () => new Browser(send) }
}

export function authorizePath(clientId: string, changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: 'mcp:execute',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  }
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `/bridge/oauth/authorize?${new URLSearchParams(given)}`
}

export interface Shown {
  readonly path: string
  readonly status: number
  readonly html: string
  readonly headers: Headers
}

/** Keeps cookies and follows redirects as long as they stay at the server. */
export class Browser {
  readonly #send: (path: string, init?: RequestInit) => Promise<Response>
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>()
  /** Every cookie as it was set. */
  readonly set: string[] = []

  constructor(send: (path: string, init?: RequestInit) => Promise<Response>) {
    this.#send = send
  }

  /** What is shown in the end, or where the browser was sent elsewhere. */
  async open(path: string, form?: Record<string, string>): Promise<Shown | URL> {
    let next = new URL(path, ISSUER)
    let init: RequestInit = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
    for (let hop = 0; hop < 10; hop += 1) {
      const response = await this.#send(`${next.pathname}${next.search}`, {
        ...init,
        headers: { cookie: this.#for(next.pathname) },
      })
      for (const line of response.headers.getSetCookie()) this.#keep(line)
      const location = response.headers.get('location')
      if (location === null)
        return {
          path: next.pathname,
          status: response.status,
          html: await response.text(),
          headers: response.headers,
        }
      next = new URL(location, next)
      if (next.origin !== new URL(ISSUER).origin) return next
      init = {}
    }
    throw new Error('too many redirects')
  }

  /** Signs in where asked, answers the question of consent, and resolves to where the browser is sent. */
  async authorize(path: string, username: string, action: 'allow' | 'deny' = 'allow'): Promise<URL> {
    let at = await this.open(path)
    for (let page = 0; page < 4 && !(at instanceof URL); page += 1) {
      const asksWho = at.html.includes('name="password"')
      at = await this.open(at.path, asksWho ? { action: 'login', username, password: 'x' } : { action })
    }
    if (at instanceof URL) return at
    throw new Error(at.html)
  }

  #keep(line: string): void {
    this.set.push(line)
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const path = attributes.find((part) => part.startsWith('path='))?.slice('path='.length) ?? '/'
    const key = `${pair.split('=')[0]} ${path}`
    if (pair.endsWith('=')) this.#cookies.delete(key)
    else this.#cookies.set(key, { pair, path })
  }

  #for(pathname: string): string {
    return [...this.#cookies.values()]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ pair }) => pair)
      .join('; ')
  }
}
