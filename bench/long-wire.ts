import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { median, timedMs } from './figures.ts'
import { part, type Stage } from './stage.ts'

const ROUND_TRIP_MS = 50
const ECHOES = 15

export interface LongWire {
  readonly port: number
  /** How long a round trip really takes on it, timers being what they are. */
  readonly roundTripMs: number
}

/** Puts 50 ms between whoever connects to the port and the server. */
export async function startLongWire(stage: Stage, targetPort: number): Promise<LongWire> {
  const echo = await startWire(stage, 'ECHO')
  return { port: await startWire(stage, String(targetPort)), roundTripMs: await roundTripOf(echo) }
}

async function startWire(stage: Stage, target: string): Promise<number> {
  const args = [part('delay-link.mjs'), target, String(ROUND_TRIP_MS / 2)]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  stage.after(() => child.kill('SIGTERM'))
  if (child.stdout === null) throw new Error('the wire has no output')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return Number(line)
}

async function roundTripOf(port: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const trips: number[] = []
  for (let echo = 0; echo <= ECHOES; echo++) {
    const trip = await timedMs(async () => {
      socket.write('x')
      await once(socket, 'data')
    })
    // The first has the handshake in it.
    if (echo > 0) trips.push(trip)
  }
  socket.destroy()
  return median(trips) ?? ROUND_TRIP_MS
}
