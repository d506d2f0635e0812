import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { wireErrorBody, wireFailure } from '../pipeline/wire-error.ts'
import type { HttpEnv } from './http-env.ts'
import { cutSlowBodies } from './slow-bodies.ts'
import { cutStalledReaders } from './stalled-readers.ts'

export interface HttpServerOptions {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<ConnectionLimits>
}

interface ConnectionLimits {
  /** For the whole request head; a slower one is answered 408 and cut. */
  readonly headersTimeoutMs: number
  /** For the whole request, body included; for the next bytes of a file that is uploaded. How long the answer takes is not limited by it. */
  readonly requestTimeoutMs: number
  readonly keepAliveMs: number
  readonly headerBytes: number
  readonly connections: number
}

const LIMITS: ConnectionLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
  headerBytes: 32 * 1024,
  connections: 2_000,
}

/** How often slow requests are looked for, and how often a closing server looks for idle connections. */
const CHECK_MS = 1_000
const CLOSING_CHECK_MS = 50

export interface HttpServer {
  /** The address to reach it on this machine, without a trailing slash. */
  readonly url: string
  readonly port: number
  /**
   * Stops accepting at once, lets requests end for `graceMs`, then closes every socket. Resolves when all are closed. An event stream
   * lasts until its edge ends it or the time is over.
   */
  close(graceMs: number): Promise<void>
}

/** Listens. Rejects when the address cannot be taken. */
export async function startHttpServer(app: Hono<HttpEnv>, options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, clock, log } = options
  const limits = { ...LIMITS, ...options.limits }
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    errorHandler: (error) => unreadableRequest(error, log),
  })
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      // Looked after by cutSlowBodies, which knows files.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveMs,
      maxHeaderSize: limits.headerBytes,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersTimeoutMs),
      noDelay: true,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  )
  server.maxConnections = limits.connections
  const sockets = openSockets(server)
  const stopped = new AbortController()
  void cutStalledReaders(server, clock, stopped.signal)
  void cutSlowBodies(server, limits.requestTimeoutMs, clock, stopped.signal)

  await listen(server, host, port, log)
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: (graceMs) => close(server, sockets, graceMs, clock).finally(() => stopped.abort()),
  }
}

function listen(server: Server, host: string, port: number, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      // Accepting may fail for a while, with too many files open; without a listener that would end the process.
      server.on('error', (error) => log.error('a connection could not be accepted', { error: error.message }))
      resolve()
    })
  })
}

function openSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

async function close(
  server: Server,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
  clock: Clock,
): Promise<void> {
  const over = new AbortController()
  const closed = new Promise<void>((resolve) => server.close(() => resolve())).finally(() => over.abort())
  const deadlineMs = clock.monotonicMs() + graceMs
  while (!over.signal.aborted && clock.monotonicMs() < deadlineMs) {
    server.closeIdleConnections()
    // Clients open connections in advance; to Node.js those are not idle before their first request.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    await clock.sleep(CLOSING_CHECK_MS, over.signal).catch(() => undefined)
  }
  server.closeAllConnections()
  await closed
}

/** What cannot be read as a request at all never reaches the app: a missing or broken Host, a target that is no path. */
function unreadableRequest(error: unknown, log: Log): Response {
  const isCallers = error instanceof RequestError
  if (!isCallers) log.error('a request failed through a defect', { error: String(error) })
  const code = isCallers ? 'bad_request' : 'internal'
  const message = isCallers
    ? 'The request line or the Host header cannot be read.'
    : 'The bridge failed through a defect.'
  return Response.json(
    { error: wireErrorBody(wireFailure(code, message)) },
    { status: isCallers ? 400 : 500 },
  )
}
