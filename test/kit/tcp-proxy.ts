import { connect, createServer, type Socket } from 'node:net'

/** A wire between the bridge and a server that tests can cut, freeze and count. */
export interface TcpProxy {
  readonly port: number
  /** Connections taken so far. */
  readonly connections: number
  /** Connections that either side has closed. */
  readonly closed: number
  /** Bytes from the client to the server so far. */
  readonly bytesUp: number
  /** Bytes from the server to the client so far. */
  readonly bytesDown: number
  /** Cuts every connection that is open now; later ones go through. */
  cut(): void
  /** Holds back whatever either side sends, until `thaw`. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

export interface TcpProxyOptions {
  /** How long each byte is on its way, in each direction: half a round trip. */
  readonly oneWayMs?: number
}

/** Starts a proxy on loopback in front of `targetPort` on loopback. */
export async function startTcpProxy(
  targetPort: number,
  { oneWayMs = 0 }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  // Timers of the same length fire in the order in which they were set.
  const later = (act: () => void) => (oneWayMs === 0 ? act() : void setTimeout(act, oneWayMs))
  const pairs = new Set<{ client: Socket; server: Socket }>()
  let [connections, closed, bytesUp, bytesDown] = [0, 0, 0, 0]
  let frozen = false

  const listener = createServer((client) => {
    connections += 1
    const server = connect(targetPort, '127.0.0.1')
    const pair = { client, server }
    pairs.add(pair)
    client.setNoDelay(true)
    server.setNoDelay(true)
    client.on('data', (chunk: Buffer) => {
      bytesUp += chunk.length
      later(() => server.write(chunk))
    })
    server.on('data', (chunk: Buffer) => {
      bytesDown += chunk.length
      later(() => client.write(chunk))
    })
    const over = () => {
      if (pairs.delete(pair)) closed += 1
      later(() => {
        client.destroy()
        server.destroy()
      })
    }
    for (const socket of [client, server]) socket.on('error', over).on('close', over)
    if (frozen) for (const socket of [client, server]) socket.pause()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')

  const each = (act: (socket: Socket) => void) => {
    for (const { client, server } of pairs) {
      act(client)
      act(server)
    }
  }
  const cut = () => each((socket) => socket.destroy())
  return {
    port: address.port,
    get connections() {
      return connections
    },
    get closed() {
      return closed
    },
    get bytesUp() {
      return bytesUp
    },
    get bytesDown() {
      return bytesDown
    },
    cut,
    freeze() {
      frozen = true
      each((socket) => socket.pause())
    },
    thaw() {
      frozen = false
      each((socket) => socket.resume())
    },
    async stop() {
      cut()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
