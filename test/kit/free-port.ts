import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** The system gives ports away from 32768 on (ip_local_port_range), to every listener and client that does not name one. */
const [LOWEST, BEYOND] = [12_000, 32_000]

/**
 * A port of 127.0.0.1 that is free now, for what must be named before it is listened on. Out of the range in which the system would
 * give it to somebody else between the asking and the listening.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, BEYOND)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
