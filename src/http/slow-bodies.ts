import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock.ts'
import { TRANSFER_PREFIX } from './transfer-answers.ts'

const CHECK_MS = 1_000

interface Receiving {
  readonly startedMs: number
  readonly answer: ServerResponse
  /** Of a file that is uploaded: what had come when it was last looked at, and when that changed. */
  file: { bytes: number; movedMs: number } | undefined
}

/**
 * Cuts requests whose body takes longer than `requestTimeoutMs` in all, with 408 where nothing was answered yet (RFC 9110 §15.5.9). A file
 * that is uploaded by a link may take as long as it needs, as long as something of it comes: which is why this is not Node's own limit.
 */
export async function cutSlowBodies(
  server: Server,
  requestTimeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const receiving = new Map<IncomingMessage, Receiving>()
  server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => {
    const startedMs = clock.monotonicMs()
    const isFile = incoming.url?.startsWith(TRANSFER_PREFIX) === true
    const file = isFile ? { bytes: incoming.socket.bytesRead, movedMs: startedMs } : undefined
    receiving.set(incoming, { startedMs, answer, file })
    incoming.once('close', () => receiving.delete(incoming))
  })
  const everyMs = Math.min(CHECK_MS, Math.ceil(requestTimeoutMs / 2))
  while (await elapsed(clock, everyMs, signal)) {
    const nowMs = clock.monotonicMs()
    for (const [incoming, one] of receiving) {
      if (incoming.complete) receiving.delete(incoming)
      else if (nowMs - sinceMs(incoming, one, nowMs) >= requestTimeoutMs) cut(incoming, one)
    }
  }
}

function sinceMs({ socket }: IncomingMessage, one: Receiving, nowMs: number): number {
  // What was answered before its end is no file that anybody takes: a guess at a link must not hold its connection.
  if (one.file === undefined || one.answer.headersSent) return one.startedMs
  if (one.file.bytes !== socket.bytesRead) one.file = { bytes: socket.bytesRead, movedMs: nowMs }
  return one.file.movedMs
}

function cut({ socket }: IncomingMessage, { answer }: Receiving): void {
  if (!answer.headersSent && socket.writable)
    socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
  socket.destroySoon()
}

function elapsed(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  )
}
