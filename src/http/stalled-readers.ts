import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../lib/clock.ts'

/** A client that has an answer waiting and takes not one byte of it for this long is cut off. */
const STALL_MS = 60_000

/**
 * Ends connections whose peer never reads. An idle one is left alone: a long command or an event stream may be silent for as long as
 * it likes. Runs until `signal` aborts.
 */
export async function cutStalledReaders(server: Server, clock: Clock, signal: AbortSignal): Promise<void> {
  const waiting = new Map<Socket, number | undefined>()
  server.on('connection', (socket: Socket) => {
    waiting.set(socket, undefined)
    socket.once('close', () => waiting.delete(socket))
  })
  while (await elapsed(clock, signal)) {
    for (const [socket, before] of waiting) {
      const now = socket.writableLength === 0 ? undefined : progressOf(socket)
      if (now !== undefined && now === before) socket.destroy()
      else waiting.set(socket, now)
    }
  }
}

/** Changes whenever the peer took something, or more was written for it. */
function progressOf(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength
}

async function elapsed(clock: Clock, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(STALL_MS, signal).then(
    () => true,
    () => false,
  )
}
