import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { type HostTarget, hostName } from '../../src/domain/host.ts'
import { newKeyPair } from '../../src/ssh/transport/ssh2-key-pair.ts'

/** A host without a POSIX shell, as far as the bridge can see one: how it greets, and what its command line makes of a line. */
export interface PlainHost {
  /** Every line that it was asked to run, in order. */
  readonly lines: readonly string[]
  readonly connections: number
  target(name: string, overrides?: Partial<HostTarget>): HostTarget
  stop(): Promise<void>
}

export interface PlainBehaviour {
  /** The software version of its greeting; the library's own name where it is left out. */
  readonly software?: string
  /** Takes no exec request. */
  readonly refusesCommands?: boolean
  /** One command for each connection, as many devices have it. */
  readonly closesAfterCommand?: boolean
  /** Lines of `sleep` never end by themselves. */
  run(line: string): Said
}

interface Said {
  readonly stdout?: string | Buffer
  readonly stderr?: string
  /** Absent: the channel is closed without a status. */
  readonly status?: number
  readonly isEndless?: boolean
}

/** cmd.exe as OpenSSH for Windows starts it: `%NAME%` is replaced, one line is read, no quoting with single quotes. */
export const CMD: PlainBehaviour = {
  software: 'OpenSSH_for_Windows_9.5',
  run(whole) {
    const [line = ''] = whole.split('\n')
    const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
    switch (word.toLowerCase()) {
      case 'echo':
        return { stdout: `${rest.replace(/%OS%/gi, 'Windows_NT')}\r\n`, status: 0 }
      case 'exit':
        return { status: Number(rest) }
      case 'dir':
        return { stdout: Buffer.from('caf\x82\r\n', 'latin1'), status: 0 }
      case 'sleep':
        return { stdout: 'begun\r\n', isEndless: true }
      default:
        return { stderr: `'${word}' is not recognized as an internal or external command,\r\n`, status: 1 }
    }
  },
}

/** PowerShell as the default shell: variables begin with a dollar, `>&2` is a mistake of the whole script, statuses are 0 and 1. */
export const POWERSHELL: PlainBehaviour = {
  software: 'OpenSSH_for_Windows_8.6',
  run(line) {
    if (line.includes('>&2')) return { stderr: 'ParserError: MissingFileSpecification\r\n', status: 1 }
    const [, rest] = /^(?:echo|Write-Output) (.*)$/.exec(line) ?? []
    if (rest === undefined) return { stderr: `${line} : The term is not recognized\r\n`, status: 1 }
    const home = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0'
    const words = rest
      .split(' ')
      .map((word) => (word === '$PSHOME' ? home : word.startsWith('$') ? '' : word))
    return { stdout: `${words.filter((word) => word !== '').join('\r\n')}\r\n`, status: 0 }
  },
}

/** A switch: a few commands of its own, no status, one command for each connection. */
export const SWITCH: PlainBehaviour = {
  software: 'Cisco-1.25',
  closesAfterCommand: true,
  run(line) {
    if (line === 'show version') return { stdout: '\r\nSwitch Software, Version 15.2(7)E3\r\n' }
    return { stdout: `\r\n${line.split('\n')[0]}\r\n^\r\n% Invalid input detected at '^' marker.\r\n` }
  },
}

export async function startPlainHost(behaviour: PlainBehaviour): Promise<PlainHost> {
  const key = newKeyPair()
  const parsed = ssh2.utils.parseKey(key.public)
  if (parsed instanceof Error) throw parsed
  const lines: string[] = []
  const open = new Set<Connection>()
  let connections = 0
  const ident = behaviour.software
  const server = new ssh2.Server(
    { hostKeys: [key.private], ...(ident !== undefined && { ident }) },
    (connection) => {
      connections += 1
      open.add(connection)
      connection.on('error', () => undefined)
      connection.on('close', () => open.delete(connection))
      connection.on('authentication', (context) => context.accept())
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec, reject, { command }) => {
          if (behaviour.refusesCommands === true) return reject()
          lines.push(command)
          answer(acceptExec(), behaviour.run(command), () => {
            if (behaviour.closesAfterCommand === true) connection.end()
          })
        })
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')
  return {
    lines,
    get connections() {
      return connections
    },
    target: (name, overrides = {}) => ({
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
      credential: { kind: 'password', password: 'open sesame' },
      hostKeys: [`SHA256:${digest}`],
      disablePager: true,
      platform: 'auto',
      algorithms: 'modern',
      answers: [],
      ...overrides,
    }),
    stop: () =>
      new Promise((resolve) => {
        for (const connection of open) connection.end()
        server.close(() => resolve())
      }),
  }
}

function answer(channel: ServerChannel, said: Said, done: () => void): void {
  channel.on('error', () => undefined)
  if (said.stdout !== undefined) channel.write(said.stdout)
  if (said.stderr !== undefined) channel.stderr.write(said.stderr)
  if (said.isEndless === true) return
  if (said.status !== undefined) channel.exit(said.status)
  channel.on('close', done)
  channel.end()
}
