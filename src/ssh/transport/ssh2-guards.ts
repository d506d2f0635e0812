import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { internalsOf } from './ssh2-internals.ts'

/** What a host may ask of us without reading one of the answers. */
const MOST_UNREAD_ANSWERS = 2_000
/** The messages that ssh2 answers by itself (RFC 4254 §4, §5.1, §5.4). */
const ANSWERED = ['GLOBAL_REQUEST', 'CHANNEL_OPEN', 'CHANNEL_REQUEST'] as const

/**
 * Ends the connection to a host that makes us answer and does not read, or that sends more than a channel's window allows: either would
 * fill the memory. Call after `client.connect`.
 */
export function guardMemory(client: Client, stream: Duplex, close: () => void): void {
  const { _protocol, _chanMgr } = internalsOf(client)
  const { _handlers: handlers } = _protocol
  let unread = 0
  for (const name of ANSWERED) {
    const handle = handlers[name]
    handlers[name] = (...message) => {
      unread = stream.writableLength === 0 ? 0 : unread + 1
      if (unread > MOST_UNREAD_ANSWERS) close()
      else handle(...message)
    }
  }
  stream.on('data', () => {
    for (const number in _chanMgr._channels)
      if ((_chanMgr._channels[number]?.incoming?.window ?? 0) < 0) return close()
  })
}
