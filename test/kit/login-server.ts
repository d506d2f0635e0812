import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeIssuer, type IssuerKey } from './fake-issuer.ts'

/** What an authorization server says of itself that does everything an MCP client wants. */
export type ServerWords = Readonly<Record<string, unknown>>

/**
 * A stand-in for an authorization server with a path in its issuer: metadata at each place, registration that can be managed, and the
 * beginning of a sign-in. Each field is a way in which it can be wrong; `reset` makes it good again.
 */
export class LoginServer {
  readonly issuer: FakeIssuer
  readonly key: IssuerKey
  /** Replaces members of the metadata; undefined takes one away. */
  changes: ServerWords = {}
  hasMetadata = true
  /** Why a registration with this redirect address is refused. */
  refusesRedirect: (uri: string) => boolean = () => false
  /** What a request to sign in is answered with in place of a page. */
  signInError: string | undefined
  /** What every registration is answered with in place of what it deserves. */
  registrationStatus: number | undefined
  /** Where it says that registrations are managed, if not at itself. */
  managesAt: string | undefined
  /** Registered and not removed. */
  readonly registered = new Set<string>()
  names: string[] = []

  private constructor(issuer: FakeIssuer) {
    this.issuer = issuer
    this.key = issuer.addKey('rsa-1', 'RS256')
    issuer.discoveryPath = 'none'
    issuer.answerElse = (request, response) => this.#answer(request, response)
  }

  static async start(): Promise<LoginServer> {
    return new LoginServer(await FakeIssuer.start())
  }

  get url(): string {
    return this.issuer.url
  }

  reset(): void {
    this.changes = {}
    this.hasMetadata = true
    this.refusesRedirect = () => false
    this.signInError = undefined
    this.managesAt = undefined
    this.registrationStatus = undefined
    this.issuer.skewS = 0
    this.issuer.answer = { kind: 'keys' }
    this.issuer.keys.splice(0, this.issuer.keys.length, this.key)
    this.registered.clear()
    this.names = []
  }

  close(): Promise<void> {
    return this.issuer.close()
  }

  #metadata(): string {
    const { origin, url, jwksUri } = this.issuer
    const good = {
      issuer: url,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      jwks_uri: jwksUri,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
    }
    return JSON.stringify({ ...good, ...this.changes })
  }

  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const json = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
      return true
    }
    if (path.includes('/.well-known/'))
      return this.hasMetadata ? json(200, this.#metadata()) : json(404, '{}')
    if (path === '/authorize') return this.#signIn(request, response)
    if (path === '/register' && request.method === 'POST') return this.#register(request, json)
    if (path.startsWith('/register/') && request.method === 'DELETE') {
      this.registered.delete(path)
      response.writeHead(204).end()
      return true
    }
    return false
  }

  #signIn(request: IncomingMessage, response: ServerResponse): boolean {
    const asked = new URL(request.url ?? '', this.issuer.origin).searchParams
    if (this.signInError === undefined)
      response.writeHead(200, { 'content-type': 'text/html' }).end('sign in')
    else response.writeHead(302, { location: `${asked.get('redirect_uri')}?error=${this.signInError}` }).end()
    return true
  }

  #register(request: IncomingMessage, json: (status: number, text: string) => boolean): boolean {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const wish = JSON.parse(Buffer.concat(parts).toString()) as {
        client_name: string
        redirect_uris: string[]
      }
      if (this.registrationStatus !== undefined) return json(this.registrationStatus, '{"error":"no"}')
      const refused = wish.redirect_uris.find((uri) => this.refusesRedirect(uri))
      if (refused !== undefined)
        return json(400, JSON.stringify({ error: 'invalid_redirect_uri', error_description: refused }))
      const path = `/register/${this.names.push(wish.client_name)}`
      this.registered.add(path)
      const uri = `${this.managesAt ?? this.issuer.origin}${path}`
      return json(
        201,
        JSON.stringify({
          client_id: path,
          registration_client_uri: uri,
          registration_access_token: 'manage',
        }),
      )
    })
    return true
  }
}
