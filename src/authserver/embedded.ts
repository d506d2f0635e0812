import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../domain/log.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { AuthServer } from './auth-server.ts'
import type { MachineClient } from './known-clients.ts'
import { MemoryState } from './memory-state.ts'
import { problemPage } from './pages.ts'
import { htmlResponse } from './sign-in.ts'
import { type EmbeddedUser, fixedLogin } from './users.ts'

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

const FORM_BYTES = 16_384
const REFRESH_TOKEN_S = 86_400
const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/**
 * The bridge's authorization server on a loopback port of its own, for the demo and for tests: the same metadata, registration, code with PKCE
 * S256, `iss` in the answer (RFC 9207), resource indicators (RFC 8707) and access tokens (RFC 9068). People, keys and everything it learns
 * live in memory; registrations are not limited. It speaks plain HTTP, so it is not for a network.
 */
export async function startAuthorizationServer(
  options: EmbeddedAuthorizationServerOptions,
): Promise<EmbeddedAuthorizationServer> {
  const { users, scopes, machineClients = [], accessTokenSeconds = 600, clock = systemClock } = options
  const server = createServer({ requestTimeout: 30_000 })
  const issuer = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`
  const settings = {
    issuer,
    resources: [options.resource].flat(),
    scopesOffered: scopes,
    otherScopes: [],
    accessTokenSeconds,
    tokenAlgorithm: 'RS256' as const,
    refreshTokenSeconds: REFRESH_TOKEN_S,
    registration: {
      enabled: true,
      redirectHosts: [],
      perHour: Number.MAX_SAFE_INTEGER,
      keepMs: REFRESH_TOKEN_S * 1000,
    },
    clientMetadataDocuments: false,
    machineClients,
  }
  const authServer = await AuthServer.open({
    settings: () => settings,
    state: new MemoryState(clock),
    login: fixedLogin(users, scopes),
    fetch: () => Promise.reject(new Error('nothing is fetched here')),
    clock,
    log: SILENT,
    note: async () => undefined,
  })

  server.on('request', (incoming, outgoing) => {
    answer(authServer, issuer, incoming, outgoing).catch(() => {
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    })
  })
  return { issuer, close: () => close(server) }
}

async function answer(
  authServer: AuthServer,
  issuer: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming)
  const { method = 'GET', url = '/', headers } = incoming
  const response =
    body === undefined
      ? htmlResponse(413, problemPage('Too long', 'The form was too long.'))
      : await authServer.answer({
          request: new Request(`${issuer}${url}`, {
            method,
            headers: new Headers(
              Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
            ),
            ...(body.length > 0 && { body: new Uint8Array(body) }),
          }),
          ...(incoming.socket.remoteAddress !== undefined && {
            remoteAddress: incoming.socket.remoteAddress,
          }),
        })
  const cookies = response.headers.getSetCookie()
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  })
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}

/** Undefined for what is longer than any form. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length
    if (bytes > FORM_BYTES) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
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
