import type { Client } from 'ssh2'
import { type ChannelWaiter, internalsOf, type SessionChannel, type Ssh2Protocol } from './ssh2-internals.ts'
import type { ChannelOpening, TerminalSize } from './transport.ts'

/** As ssh2 itself offers them to a host: it grows the window again to this whenever half of it was read. */
const WINDOW_BYTES = 2 * 1024 * 1024
const PACKET_BYTES = 32 * 1024

/** Opens a session channel on which nothing is asked for yet. `opened` is called in the tick of the host's answer. */
export function openSession(client: Client, opened: (answer: SessionChannel | Error) => void): void {
  const { _chanMgr, _protocol } = internalsOf(client)
  const waiter: ChannelWaiter = (error, channel) => {
    if (error === undefined) endsOnce(channel)
    opened(error ?? channel)
  }
  waiter.type = 'session'
  const number = _chanMgr.add(waiter)
  if (number === -1) opened(new Error('no channel number is free'))
  else _protocol.session(number, WINDOW_BYTES, PACKET_BYTES)
}

/** ssh2 ends a channel whenever it destroys it, ended or not, and Node.js makes an error with a stack of each end too many. */
function endsOnce(channel: SessionChannel): void {
  channel.destroy = () => {
    if (!channel.writableEnded) channel.end()
    channel.close()
    return channel
  }
}

/** `closed`: the host closed the channel instead of answering. */
export type RequestAnswer = 'accepted' | 'refused' | 'closed'

/** Asks for a terminal on the channel (RFC 4254 §6.2). */
export function requestTerminal(
  client: Client,
  channel: SessionChannel,
  { columns, rows }: TerminalSize,
): Promise<RequestAnswer> {
  return new Promise((resolve) => {
    request(client, channel, resolve, (protocol, id) =>
      protocol.pty(id, rows, columns, 0, 0, 'xterm-256color', null, true),
    )
  })
}

/** Asks for something to be run on the channel (RFC 4254 §6.5). `answered` is called in the tick of the host's answer. */
export function requestProgram(
  client: Client,
  channel: SessionChannel,
  opening: ChannelOpening,
  answered: (answer: RequestAnswer) => void,
): void {
  const then = (answer: RequestAnswer) => {
    if (answer === 'accepted') Object.assign(channel, { subtype: opening.kind })
    answered(answer)
  }
  request(client, channel, then, (protocol, id) => {
    for (const [name, value] of Object.entries(opening.environment ?? {}))
      protocol.env(id, name, value, false)
    switch (opening.kind) {
      case 'exec':
        return protocol.exec(id, opening.line, true)
      case 'shell':
        return protocol.shell(id, true)
      case 'subsystem':
        return protocol.subsystem(id, opening.name, true)
    }
  })
}

function request(
  client: Client,
  channel: SessionChannel,
  answered: (answer: RequestAnswer) => void,
  send: (protocol: Ssh2Protocol, id: number) => void,
): void {
  if (!isOpen(channel)) {
    answered('closed')
    return
  }
  channel._callbacks.push((failed) => {
    // ssh2 answers what is left as failed when the channel is closed.
    if (failed === false) answered('accepted')
    else answered(isOpen(channel) ? 'refused' : 'closed')
  })
  send(internalsOf(client)._protocol, channel.outgoing.id)
}

export function isOpen({ incoming, outgoing }: SessionChannel): boolean {
  return incoming.state === 'open' && outgoing.state === 'open'
}
