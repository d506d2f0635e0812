import { generateKeyPair } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { JWK } from 'oidc-provider'
import { type Clock, systemClock } from '../lib/clock.ts'
import { loadProvider } from './load-provider.ts'
import { PAGE_HEADERS, problemPage } from './pages.ts'
import { type MachineClient, providerSettings } from './provider-settings.ts'
import { answerInteraction } from './sign-in.ts'
import type { EmbeddedUser } from './users.ts'

export type { EmbeddedUser }

export interface EmbeddedAuthorizationServerOptions {
  /** 0 or absent: a free one. */
  readonly port?: number
  /** The protected resource, or several: tokens are given for these and no other, and name it in `aud`. The first is the default. */
  readonly resource: string | readonly string[]
  readonly scopes: readonly string[]
  readonly users: readonly EmbeddedUser[]
  readonly machineClients?: readonly MachineClient[]
  /** How long access tokens live, default 600. Negative: expired when given. */
  readonly accessTokenSeconds?: number
  readonly clock?: Clock
}

export interface EmbeddedAuthorizationServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end: exactly the tokens' `iss`. */
  readonly issuer: string
  /** Ends open connections; what was registered, granted or signed in is forgotten. */
  close(): Promise<void>
}

/**
 * A whole authorization server on loopback, for the demo and for tests: metadata (RFC 8414 and OpenID discovery), dynamic
 * registration (RFC 7591), authorization code with PKCE S256, `iss` in the answer (RFC 9207), resource indicators (RFC 8707), RS256
 * access tokens (RFC 9068) and a page to sign in. Keys and everything it learns live in memory. It speaks plain HTTP, so it is not
 * for a network.
 */
export async function startAuthorizationServer(
  options: EmbeddedAuthorizationServerOptions,
): Promise<EmbeddedAuthorizationServer> {
  const { users, scopes, machineClients = [], accessTokenSeconds = 600, clock = systemClock } = options
  const resources = typeof options.resource === 'string' ? [options.resource] : options.resource
  const [{ Provider, errors }, signingKey] = await Promise.all([loadProvider(), newSigningKey()])

  const server = createServer({ requestTimeout: 30_000 })
  const issuer = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`
  const policy = { resources, scopes, users, machineClients, accessTokenSeconds }
  const refuseResource = (): never => {
    throw new errors.InvalidTarget()
  }
  const provider = new Provider(issuer, providerSettings(policy, signingKey, refuseResource, clock))
  const answer = provider.callback()

  server.on('request', (request, response) => {
    const isInteraction = request.url?.startsWith('/interaction/') === true
    const answered = isInteraction
      ? answerInteraction(provider, users, request, response)
      : Promise.resolve(answer(request, response))
    answered.catch(() => fail(response))
  })
  return { issuer, close: () => close(server) }
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function fail(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(500, PAGE_HEADERS)
  response.end(problemPage('This did not work', 'The authorization server met a defect.'))
}
