import { connect, createServer, type Socket } from 'node:net'

/** A wire to a server that breaks by chance, each connection in its own way. */
export interface FlakyProxy {
  readonly port: number
  readonly connections: number
  /** Connections that were cut. */
  readonly cuts: number
  /** Connections that fell silent without an end. */
  readonly freezes: number
  /** From here on nothing breaks any more; what is frozen is let go of. */
  calm(): void
  stop(): Promise<void>
}

/** When the fault comes: after so many bytes in all, and so long after them. */
interface Moment {
  readonly bytes: number
  readonly ms: number
}

/** `freeze`: nothing goes through any more, and neither side is told. `thenThaw`: what was held back goes through late. */
type Fate =
  | { readonly kind: 'none' }
  | { readonly kind: 'cut'; readonly at: Moment }
  | { readonly kind: 'freeze'; readonly at: Moment; readonly heldMs: number; readonly thenThaw: boolean }

/** How long a connection lives at most, once it is signed in. */
const LONGEST_LIFE_MS = 1_500
/** A handshake and a sign-in take about so many bytes; a few commands, three times as many. */
const SIGN_IN_BYTES = 4_500

/** Starts one on loopback in front of `targetPort` on loopback. */
export async function startFlakyProxy(targetPort: number): Promise<FlakyProxy> {
  let [connections, cuts, freezes] = [0, 0, 0]
  let isCalm = false
  const open = new Set<{ end(): void; thaw(): void }>()

  const listener = createServer((client) => {
    connections += 1
    const server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    const fate = isCalm ? { kind: 'none' as const } : drawFate()
    const timers = new Set<NodeJS.Timeout>()
    let isFrozen = false
    let passed = 0
    const after = (ms: number, act: () => void) => void timers.add(setTimeout(act, ms))
    const end = () => {
      for (const timer of timers) clearTimeout(timer)
      open.delete(pair)
      client.destroy()
      server.destroy()
    }
    const thaw = () => {
      isFrozen = false
      client.resume()
      server.resume()
    }
    const pair = { end, thaw }
    open.add(pair)
    const strike = () => {
      if (isCalm || isFrozen || fate.kind === 'none' || !open.has(pair)) return
      if (fate.kind === 'cut') {
        cuts += 1
        end()
        return
      }
      freezes += 1
      isFrozen = true
      client.pause()
      server.pause()
      after(fate.heldMs, fate.thenThaw ? thaw : end)
    }
    const pass = (to: Socket) => (chunk: Buffer) => {
      to.write(chunk)
      const before = passed
      passed += chunk.length
      if (fate.kind === 'none' || before >= fate.at.bytes || passed < fate.at.bytes) return
      if (fate.at.ms === 0) strike()
      else after(fate.at.ms, strike)
    }
    client.on('data', pass(server))
    server.on('data', pass(client))
    client.on('error', () => undefined).on('close', () => (isFrozen ? undefined : server.end()))
    server.on('error', () => undefined).on('close', () => (isFrozen ? undefined : end()))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return {
    port: address.port,
    get connections() {
      return connections
    },
    get cuts() {
      return cuts
    },
    get freezes() {
      return freezes
    },
    calm() {
      isCalm = true
      for (const pair of open) pair.thaw()
    },
    async stop() {
      for (const pair of open) pair.end()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

function drawFate(): Fate {
  const chance = Math.random()
  const at = drawMoment()
  if (chance < 0.95) return { kind: 'cut', at }
  return { kind: 'freeze', at, heldMs: 3_000 + Math.random() * 6_000, thenThaw: chance < 0.98 }
}

/** One of ten in the sign-in, four around the first commands, the others at any time afterwards. */
function drawMoment(): Moment {
  const chance = Math.random()
  if (chance < 0.1) return { bytes: 1 + Math.floor(Math.random() * SIGN_IN_BYTES), ms: 0 }
  if (chance < 0.5) return { bytes: Math.floor(SIGN_IN_BYTES * (1 + 2 * Math.random())), ms: 0 }
  return { bytes: SIGN_IN_BYTES, ms: Math.ceil(Math.random() * LONGEST_LIFE_MS) }
}
