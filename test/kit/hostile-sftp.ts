import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { type HostTarget, hostName } from '../../src/domain/host.ts'
import { FrameSplitter } from '../../src/ssh/sftp/sftp-frames.ts'
import { newKeyPair } from '../../src/ssh/transport/ssh2-key-pair.ts'

/** A request on its way to the server. */
export interface SftpRequest {
  /** `open`, `write`, `readdir`, …; an extension by its own name, e.g. `posix-rename@openssh.com`. */
  readonly name: string
  readonly id: number
  /** The first path, where the request has one. */
  readonly path: string
  /** How many bytes of data a `write` brings, and a `read` asks for. */
  readonly bytes: number
}

/**
 * What becomes of a request. `forward`: the real server answers it. `silence`: nobody does. `end`: the stream ends in the middle of an
 * answer. A buffer is sent as it is, in place of an answer. A function changes the real server's answer, packet by packet.
 */
export type Reaction = 'forward' | 'silence' | 'end' | Buffer | ((reply: Buffer) => Buffer)

/** Decides on each request; may do something on the host first, such as swapping a link. */
export type Misbehaviour = (request: SftpRequest) => Reaction | Promise<Reaction>

/** An SSH server whose SFTP subsystem is OpenSSH's own sftp-server on this machine, with somebody in between who lies on command. */
export interface HostileSftp {
  readonly target: HostTarget
  /** The names of the requests seen so far, in order. */
  readonly requests: readonly string[]
  /** From now on; undefined is honest again. */
  misbehave(how: Misbehaviour | undefined): void
  /** Ends every connection that is open now. */
  cut(): void
  stop(): Promise<void>
}

const NAMES: Readonly<Record<number, string>> = {
  1: 'init',
  3: 'open',
  4: 'close',
  5: 'read',
  6: 'write',
  7: 'lstat',
  8: 'fstat',
  9: 'setstat',
  10: 'fsetstat',
  11: 'opendir',
  12: 'readdir',
  13: 'remove',
  14: 'mkdir',
  15: 'rmdir',
  16: 'realpath',
  17: 'stat',
  18: 'rename',
  19: 'readlink',
  20: 'symlink',
}
const WITH_PATH = new Set([3, 7, 9, 11, 13, 14, 15, 16, 17, 18, 19, 20])

const SERVER = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
]

export async function startHostileSftp(name = 'file-server'): Promise<HostileSftp> {
  const program = SERVER.find((path) => existsSync(path))
  if (program === undefined)
    throw new Error('sftp-server is missing; run: apt-get install openssh-sftp-server')
  const hostKey = newKeyPair()
  const connections = new Set<Connection>()
  const requests: string[] = []
  let how: Misbehaviour | undefined

  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection)
    connection.on('authentication', (context) => {
      if (context.method === 'password') context.accept()
      else context.reject(['password'])
    })
    connection.on('session', (accept) => {
      accept().on(
        'subsystem' as 'sftp',
        ((acceptSubsystem: () => ServerChannel) => {
          between(acceptSubsystem(), program, requests, (request) => how?.(request) ?? 'forward')
        }) as never,
      )
    })
    connection.on('error', () => undefined)
    connection.on('close', () => connections.delete(connection))
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  const key = Buffer.from(hostKey.public.split(' ')[1] ?? '', 'base64')
  const fingerprint = createHash('sha256').update(key).digest('base64').replace(/=+$/, '')
  return {
    target: {
      host: {
        name: hostName(name),
        description: '',
        tags: [],
        executionMode: 'exec',
        requiredScopes: [],
        allowsSudo: false,
        allowsTerminal: false,
      },
      address: '127.0.0.1',
      port,
      username: 'user',
      credential: { kind: 'password', password: 'only-for-this-test' },
      hostKeys: [`SHA256:${fingerprint}`],
      disablePager: true,
      platform: 'auto',
      algorithms: 'modern',
      answers: [],
    },
    requests,
    misbehave: (next) => {
      how = next
    },
    cut: () => {
      for (const connection of connections) connection.end()
    },
    async stop() {
      for (const connection of connections) connection.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function between(channel: ServerChannel, program: string, requests: string[], react: Misbehaviour): void {
  const real = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'] })
  const changes = new Map<number, (reply: Buffer) => Buffer>()
  const fromClient = new FrameSplitter((pieces) => {
    const packet = framed(Buffer.concat(pieces))
    const request = readRequest(packet)
    requests.push(request.name)
    // In the order in which they came, also where deciding takes time.
    turn = turn.then(async () => {
      const reaction = await react(request)
      if (reaction === 'silence') return
      if (reaction === 'end') {
        channel.write(Buffer.from([0, 0, 1, 0, 101, 0]))
        channel.end()
        channel.close()
      } else if (Buffer.isBuffer(reaction)) channel.write(reaction)
      else {
        if (typeof reaction === 'function') changes.set(request.id, reaction)
        real.stdin.write(packet)
      }
    })
  })
  let turn = Promise.resolve()
  const fromServer = new FrameSplitter((pieces) => {
    const packet = framed(Buffer.concat(pieces))
    const id = packet.readUInt32BE(5)
    const change = packet[4] === 2 ? undefined : changes.get(id)
    changes.delete(id)
    channel.write(change === undefined ? packet : change(packet))
  })
  channel.on('data', (chunk: Buffer) => fromClient.push(chunk))
  channel.on('close', () => real.kill())
  channel.on('error', () => real.kill())
  real.stdin.on('error', () => undefined)
  real.stdout.on('data', (chunk: Buffer) => fromServer.push(chunk))
  real.on('close', () => channel.close())
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

function readRequest(packet: Buffer): SftpRequest {
  const type = packet.readUInt8(4)
  const id = type === 1 ? 0 : packet.readUInt32BE(5)
  const string = (at: number) => packet.subarray(at + 4, at + 4 + packet.readUInt32BE(at))
  if (type === 200) {
    const name = string(9)
    const at = 13 + name.length
    const path = at + 4 <= packet.length ? string(at).toString('latin1') : ''
    return { name: name.toString('latin1'), id, path, bytes: 0 }
  }
  const first = type === 1 ? Buffer.alloc(0) : string(9)
  const isData = type === 5 || type === 6
  return {
    name: NAMES[type] ?? String(type),
    id,
    path: WITH_PATH.has(type) ? first.toString() : '',
    bytes: isData ? packet.readUInt32BE(13 + first.length + 8) : 0,
  }
}

/** Answers to send in place of the real ones. */
export const reply = {
  /** `code` as in draft-ietf-secsh-filexfer-02 §7: 0 is success, 4 is failure. */
  status: (id: number, code: number, message = ''): Buffer =>
    packet(101, id, u32(code), string(message), string('')),
  names: (id: number, names: readonly (string | Buffer)[], mode = 0o100644): Buffer =>
    packet(
      104,
      id,
      u32(names.length),
      ...names.flatMap((name) => [string(name), string(''), u32(4), u32(mode)]),
    ),
  data: (id: number, data: Buffer): Buffer => packet(103, id, string(data)),
  attributes: (id: number, size: bigint, mode: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(size)
    return packet(105, id, u32(5), bytes, u32(mode))
  },
  handle: (id: number, handle: string): Buffer => packet(102, id, string(handle)),
  /** A packet that says to be `bytes` long. */
  announced: (bytes: number): Buffer => Buffer.concat([u32(bytes), Buffer.from([101])]),
}

function packet(type: number, id: number, ...fields: readonly Buffer[]): Buffer {
  return framed(Buffer.concat([Buffer.from([type]), u32(id), ...fields]))
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([u32(bytes.length), bytes])
}

/** Ways to misbehave that many tests need. */
export const HOSTILE = {
  /** The first listing of each directory holds these names; the others are true. */
  names: (names: readonly (string | Buffer)[], mode?: number): Misbehaviour => {
    let isFirst = true
    return ({ name, id }) => {
      if (name === 'opendir') isFirst = true
      if (name !== 'readdir' || !isFirst) return 'forward'
      isFirst = false
      return reply.names(id, names, mode)
    }
  },
  endlessReaddir: (): Misbehaviour => {
    let count = 0
    return ({ name, id }) => {
      if (name !== 'readdir') return 'forward'
      return reply.names(
        id,
        Array.from({ length: 100 }, () => `file-${count++}`),
      )
    }
  },
  /** Says of every file that it is `size` bytes long. */
  lyingSize:
    (size: bigint): Misbehaviour =>
    ({ name, id }) =>
      name === 'stat' || name === 'lstat' || name === 'fstat'
        ? reply.attributes(id, size, 0o100644)
        : 'forward',
  /** Gives at most `most` bytes of what a read asks for. */
  shortReads:
    (most: number): Misbehaviour =>
    ({ name, id }) =>
      name === 'read'
        ? (answer) =>
            answer[4] === 103
              ? reply.data(id, answer.subarray(13, 13 + Math.min(most, answer.length - 13)))
              : answer
        : 'forward',
  /** Never answers requests of this name. */
  silent:
    (of: string): Misbehaviour =>
    ({ name }) =>
      name === of ? 'silence' : 'forward',
  /** Ends the stream in the middle of the answer to a request of this name. */
  ends:
    (at: string): Misbehaviour =>
    ({ name }) =>
      name === at ? 'end' : 'forward',
  /** Takes `bytes` bytes of writes, then has no room. */
  noSpaceAfter: (bytes: number): Misbehaviour => {
    let left = bytes
    return (request) => {
      if (request.name !== 'write') return 'forward'
      left -= request.bytes
      return left >= 0 ? 'forward' : reply.status(request.id, 4, 'No space left on device')
    }
  },
  /** Says that requests of this name succeeded and does nothing. */
  lies:
    (of: string): Misbehaviour =>
    ({ name, id }) =>
      name === of ? reply.status(id, 0) : 'forward',
  /** Refuses requests of this name. */
  refuses:
    (of: string, code = 4, message = 'Failure'): Misbehaviour =>
    ({ name, id }) =>
      name === of ? reply.status(id, code, message) : 'forward',
  /** Does something on the host right before each request of this name, such as swapping a link. */
  before:
    (of: string, act: (request: SftpRequest) => void | Promise<void>): Misbehaviour =>
    async (request): Promise<Reaction> => {
      if (request.name === of) await act(request)
      return 'forward'
    },
} as const
