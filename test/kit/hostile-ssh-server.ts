import { createServer, type Socket } from 'node:net'
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2'

/** A server that listens on loopback and keeps to no promise. */
export interface HostileServer {
  readonly port: number
  /** Connections taken so far. */
  readonly connections: number
  stop(): Promise<void>
}

/** What it does to each connection, from the first byte on. Everything it starts ends with the socket. */
type Behaviour = (socket: Socket, hostKey: Buffer) => void

const BANNER = 'SSH-2.0-Hostile_1.0\r\n'

/** Those that keep a client from ever getting so far as to ask for a command. */
export const BEFORE_THE_COMMAND = {
  'says nothing': () => {},
  'closes at once': (socket) => socket.destroy(),
  'says its name and nothing else': (socket) => socket.write(BANNER),
  'says its name byte by byte, without end': (socket) => repeat(socket, () => socket.write('S'), 20),
  'prints lines before its name without end': (socket) =>
    repeat(socket, () => socket.write('welcome\r\n'.repeat(512))),
  'prints one endless line before its name': (socket) =>
    repeat(socket, () => socket.write('x'.repeat(16_384))),
  'sends garbage after its name': (socket) => {
    socket.write(BANNER)
    repeat(socket, () => socket.write(Buffer.alloc(8_192, 0xa5)))
  },
  'announces a packet of four gigabytes': (socket) => {
    socket.write(BANNER)
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 4]))
    repeat(socket, () => socket.write(Buffer.alloc(65_536)))
  },
  'announces an empty packet': (socket) => socket.write(Buffer.from(`${BANNER}\0\0\0\0\0`)),
  'offers its algorithms and falls silent': (socket) => {
    socket.write(BANNER)
    socket.write(kexInit())
  },
  'ends the connection after its algorithms': (socket) => {
    socket.write(BANNER)
    socket.end(kexInit())
  },
  'speaks the protocol of 1995': (socket) => socket.write('SSH-1.5-Old\r\n'),
  'never answers a sign-in': overSsh((connection) => connection.on('authentication', () => undefined)),
  'refuses every sign-in': overSsh((connection) =>
    connection.on('authentication', (context) =>
      context.reject(['publickey', 'password', 'keyboard-interactive']),
    ),
  ),
  'calls every sign-in a partial success': overSsh((connection) =>
    connection.on('authentication', (context) => context.reject(['publickey'], true)),
  ),
  'floods with messages for the user while it signs in': overSsh((connection, socket) =>
    connection.on('authentication', () =>
      repeat(socket, () => sendPacket(connection, userauthBanner('Please wait. '.repeat(512)))),
    ),
  ),
  'asks questions without end': overSsh((connection) =>
    connection.on('authentication', (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      const ask = () => context.prompt([{ prompt: 'Name of your cat? ', echo: true }], ask)
      ask()
    }),
  ),
  'exchanges keys without end': overSsh((connection, socket) =>
    connection.on('authentication', () => repeat(socket, () => connection.rekey())),
  ),
  'asks for answers while it signs in and never reads them': overSsh((connection, socket) =>
    connection.on('authentication', () => {
      socket.pause()
      repeat(socket, () => {
        for (let times = 0; times < 2_000; times += 1) protocolOf(connection).ping()
      })
    }),
  ),
  'says goodbye a thousand times': overSsh((connection, socket) =>
    connection.on('authentication', () => {
      for (let times = 0; times < 1_000; times += 1) sendPacket(connection, disconnect())
      socket.resume()
    }),
  ),
} as const satisfies Record<string, Behaviour>

/** Those that let a client in. What it asked for may have been run, as far as it can know. */
export const AROUND_THE_COMMAND = {
  'never answers the opening of a channel': signedIn(() => undefined),
  'refuses every channel': signedIn((_accept, reject) => reject()),
  'drops the connection when a channel is opened': signedIn((_accept, _reject, { socket }) =>
    socket.destroy(),
  ),
  'opens a channel and never answers the command': onExec(() => undefined),
  'refuses the command': onExec((_accept, reject) => reject()),
  'drops the connection when the command comes': onExec((_accept, _reject, { socket }) => socket.destroy()),
  'never opens its window': signedIn((accept, _reject, { connection }) => {
    const protocol = protocolOf(connection)
    const confirm = protocol.channelOpenConfirm.bind(protocol)
    protocol.channelOpenConfirm = (remote, local, _window, packet) => confirm(remote, local, 0, packet)
    accept().on('exec', (acceptExec) => acceptExec())
  }),
  'starts the command and falls silent': running(() => undefined),
  'closes the channel without an exit status': running((channel) => channel.end('output\n')),
  'tells two exit statuses': running((channel) => {
    channel.exit(3)
    channel.exit(0)
    channel.end()
  }),
  'tells an exit status and keeps the channel': running((channel) => channel.exit(0)),
  'drops the connection amid the output': running((channel, { socket }) =>
    channel.write('part of ', () => socket.destroy()),
  ),
  'drops the connection after the exit status': running((channel, { socket }) => {
    channel.write('whole')
    channel.exit(0)
    setImmediate(() => socket.destroy())
  }),
  'sends more than the window allows': running((channel, { connection, socket }) => {
    const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing
    repeat(socket, () => protocolOf(connection).channelData(id, Buffer.alloc(32_000, 0x78)))
  }),
  'opens channels that nobody asked for': running((_channel, { connection, socket }) => {
    const from = { boundAddr: 'localhost', boundPort: 1, remoteAddr: '192.0.2.10', remotePort: 1 }
    let number = 1_000
    repeat(socket, () => {
      number += 1
      protocolOf(connection).forwardedTcpip(number, 65_536, 32_768, from)
      protocolOf(connection).openssh_authAgent(number + 1e6, 65_536, 32_768)
    })
  }),
  'asks for answers and never reads them': running((_channel, { connection, socket }) => {
    socket.pause()
    repeat(socket, () => {
      for (let times = 0; times < 2_000; times += 1) protocolOf(connection).ping()
    })
  }),
  'answers requests that were never made': running((_channel, { connection, socket }) =>
    repeat(socket, () => {
      protocolOf(connection).requestSuccess()
      protocolOf(connection).channelSuccess(0)
      protocolOf(connection).channelFailure(4_000_000)
      protocolOf(connection).channelWindowAdjust(0, 0xffffffff)
    }),
  ),
  'sends garbage amid the output': running((channel, { socket }) =>
    channel.write('part of ', () => socket.write(Buffer.alloc(4_096, 0x5a))),
  ),
} as const satisfies Record<string, Behaviour>

/** Starts one; `hostKey` is a private key in OpenSSH form. It lets in whoever comes. */
export async function startHostileServer(behaviour: Behaviour, hostKey: Buffer): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    behaviour(socket, hostKey)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return {
    port: address.port,
    get connections() {
      return connections
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Peer {
  readonly connection: Connection
  readonly socket: Socket
}

function overSsh(serve: (connection: Connection, socket: Socket) => void): Behaviour {
  return (socket, hostKey) => {
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
      connection.on('error', () => undefined)
      serve(connection, socket)
    })
    server.injectSocket(socket)
  }
}

function signedIn(onSession: (accept: () => Session, reject: () => void, peer: Peer) => void): Behaviour {
  return overSsh((connection, socket) => {
    connection.on('authentication', (context) => context.accept())
    connection.on('session', (accept, reject) => onSession(accept, reject, { connection, socket }))
  })
}

function onExec(serve: (accept: () => ServerChannel, reject: () => void, peer: Peer) => void): Behaviour {
  return signedIn((accept, _reject, peer) => {
    accept().on('exec', (acceptExec, rejectExec) => serve(acceptExec, rejectExec, peer))
  })
}

function running(serve: (channel: ServerChannel, peer: Peer) => void): Behaviour {
  return onExec((accept, _reject, peer) => {
    const channel = accept()
    channel.on('error', () => undefined)
    serve(channel, peer)
  })
}

/** As fast as the other side takes it, or every `everyMs`, until the socket is gone. */
function repeat(socket: Socket, act: () => void, everyMs = 0): void {
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer)
    else if (socket.writableLength < 1024 * 1024)
      try {
        act()
      } catch {
        clearInterval(timer)
      }
  }, everyMs)
  socket.once('close', () => clearInterval(timer))
}

interface ServerProtocol {
  channelOpenConfirm(remote: number, local: number, window: number, packet: number): void
  channelData(channel: number, data: Buffer): void
  channelSuccess(channel: number): void
  channelFailure(channel: number): void
  channelWindowAdjust(channel: number, bytes: number): void
  requestSuccess(): void
  forwardedTcpip(channel: number, window: number, packet: number, from: object): void
  openssh_authAgent(channel: number, window: number, packet: number): void
  ping(): void
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      alloc(length: number): Buffer
      finalize(packet: Buffer): Buffer
    }
  }
  readonly _cipher: { encrypt(packet: Buffer): void }
}

function protocolOf(connection: Connection): ServerProtocol {
  return (connection as unknown as { _protocol: ServerProtocol })._protocol
}

function sendPacket(connection: Connection, payload: Buffer): void {
  const { _packetRW, _cipher } = protocolOf(connection)
  const packet = _packetRW.write.alloc(payload.length)
  packet.set(payload, _packetRW.write.allocStart)
  _cipher.encrypt(_packetRW.write.finalize(packet))
}

/** RFC 4251 §5: a length of four bytes, then the text. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function userauthBanner(message: string): Buffer {
  return Buffer.concat([Buffer.from([53]), text(message), text('')])
}

function disconnect(): Buffer {
  return Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), text('Too many goodbyes'), text('')])
}

/** One packet in the clear (RFC 4253 §6) with what a server of today offers (§7.1). */
function kexInit(): Buffer {
  const lists = [
    'curve25519-sha256',
    'ssh-ed25519',
    ...Array(2).fill('aes128-gcm@openssh.com'),
    ...Array(2).fill('hmac-sha2-256'),
    ...Array(2).fill('none'),
    '',
    '',
  ].map((list) => text(list))
  const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 7), ...lists, Buffer.alloc(5)])
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + padding + 1)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}
