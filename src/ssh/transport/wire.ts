import { connect as openSocket } from 'node:net'
import type { HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { inOneWrite } from './one-write.ts'
import { openProxyCommand } from './proxy-command.ts'
import type { Connection, Way, Wire } from './transport.ts'
import { unreachable, whyNot } from './unreachable.ts'

/** How the host is reached: through `via` where there is a jump host, by its proxy command, else by TCP. */
export function wireTo(target: HostTarget, via: Connection | undefined, log: Log): Way['wire'] {
  if (via !== undefined) return { kind: 'through', open: (signal) => forwarded(target, via, signal) }
  if (target.proxyCommand !== undefined)
    return { kind: 'through', open: () => openProxyCommand(target, target.proxyCommand ?? '', log) }
  return { kind: 'tcp', open: (signal) => tcp(target, signal) }
}

async function forwarded(
  target: HostTarget,
  via: Connection,
  signal: AbortSignal,
): Promise<Wire | NotStarted> {
  const opening = via.forward(target.address, target.port)
  const gone = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const stream = await Promise.race([opening, gone])
  if (stream === undefined) {
    // The jump connection is shared: what it still opens for nobody is closed.
    void opening.then((late) => late instanceof Error || late.destroy())
    return unreachable(target, 'it did not answer in time')
  }
  if (stream instanceof Error) return unreachable(target, 'its jump host could not reach it', stream.message)
  return { stream, close: () => stream.destroy() }
}

function tcp(target: HostTarget, signal: AbortSignal): Promise<Wire | NotStarted> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(unreachable(target, 'it did not answer in time'))
    // Without TCP_NODELAY each small packet waits for the acknowledgement of the one before.
    const socket = openSocket({ host: target.address, port: target.port, noDelay: true })
    const giveUp = () => {
      socket.destroy()
      resolve(unreachable(target, 'it did not answer in time'))
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const failed = (error: Error) => {
      signal.removeEventListener('abort', giveUp)
      resolve(unreachable(target, whyNot(error), error.message))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.removeListener('error', failed)
      resolve({ stream: inOneWrite(socket), close: () => socket.destroy() })
    })
  })
}
