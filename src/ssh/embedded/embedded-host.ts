import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2, { type AuthContext, type Connection, type Server, type ServerChannel } from 'ssh2'
import { newKeyPair } from '../transport/ssh2-key-pair.ts'
import { type EmbeddedCommand, startCommand } from './embedded-command.ts'

export interface EmbeddedHostOptions {
  /** HOME of the commands and the directory in which they start. Nothing else on this machine is written by the host itself. */
  readonly home: string
  /** The user name that the one client signs in with. */
  readonly username: string
}

/** What the host has seen so far, to show that a refused call never came near it. */
interface HostActivity {
  readonly connections: number
  readonly authentications: number
  readonly commands: number
}

export interface EmbeddedHost {
  readonly port: number
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly hostKeyFingerprint: string
  /** The only key that is let in, in OpenSSH form. The caller stores it (0600) for the client. */
  readonly clientPrivateKey: string
  activity(): HostActivity
  /** Ends every connection and what still runs on them. */
  close(): Promise<void>
}

/**
 * An SSH host on 127.0.0.1 that runs real commands as the user who started the bridge. It lets in one key that was made for it, knows
 * neither passwords, terminals nor forwarding, and reads and writes nothing of `~/.ssh`. For the demo; not a replacement for sshd.
 */
export async function startEmbeddedHost({ home, username }: EmbeddedHostOptions): Promise<EmbeddedHost> {
  const hostKey = newKeyPair()
  const clientKey = newKeyPair()
  const env = environment(home, username)
  const connections = new Set<Connection>()
  const running = new Set<EmbeddedCommand>()
  const seen = { connections: 0, authentications: 0, commands: 0 }

  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    seen.connections += 1
    connections.add(connection)
    const own = new Set<EmbeddedCommand>()
    connection.on('authentication', (context) => {
      if (context.method !== 'none') seen.authentications += 1
      if (isExpected(context, username, clientKey.public)) context.accept()
      else context.reject(['publickey'])
    })
    connection.on('session', (accept) => {
      const session = accept()
      let command: EmbeddedCommand | undefined
      session.on(
        'exec',
        (acceptExec: () => ServerChannel, _reject: unknown, { command: line }: { command: string }) => {
          seen.commands += 1
          const started = startCommand(line, acceptExec(), { directory: home, env }, () => {
            own.delete(started)
            running.delete(started)
          })
          command = started
          own.add(started)
          running.add(started)
        },
      )
      session.on('signal', (_accept, _reject, { name }) => command?.signal(name))
    })
    connection.on('error', () => undefined)
    connection.on('close', () => {
      connections.delete(connection)
      for (const started of own) started.signal('HUP')
    })
  })

  const port = await listen(server)
  return {
    port,
    hostKeyFingerprint: fingerprint(hostKey.public),
    clientPrivateKey: clientKey.private,
    activity: () => ({ ...seen }),
    close: () =>
      new Promise((resolve) => {
        for (const command of running) command.signal('KILL')
        server.close(() => resolve())
        for (const connection of connections) connection.end()
      }),
  }
}

/** The commands see this and nothing of the bridge's own environment, which may hold its credentials. */
function environment(home: string, username: string): Record<string, string> {
  return {
    HOME: home,
    LANG: 'C.UTF-8',
    LOGNAME: username,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin',
    SHELL: '/bin/sh',
    USER: username,
  }
}

/** The one key, and proof that the client holds its private half. A first question without signature is answered so that it may prove it. */
function isExpected(context: AuthContext, username: string, publicKey: string): boolean {
  if (context.method !== 'publickey' || context.username !== username) return false
  const expected = ssh2.utils.parseKey(publicKey)
  if (expected instanceof Error) return false
  const { key, signature, blob } = context
  if (key.algo !== expected.type || !key.data.equals(expected.getPublicSSH())) return false
  return signature === undefined || (blob !== undefined && expected.verify(blob, signature) === true)
}

function fingerprint(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
