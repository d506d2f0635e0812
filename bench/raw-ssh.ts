import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Client, type SFTPWrapper } from 'ssh2'
import type { Sshd } from '../test/kit/sshd.ts'

/** The yardstick of every command: a bare loop on ssh2 with TCP_NODELAY, nothing decided, nothing recorded. */
export class RawSsh {
  readonly #client = new Client()

  /** Connects to the server, or to where else it can be reached. */
  async open(sshd: Sshd, { host = '127.0.0.1', port = sshd.port } = {}): Promise<void> {
    const sock = connect({ host, port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      this.#client.once('ready', resolve).once('error', reject)
      this.#client.connect({
        sock,
        username: sshd.username,
        privateKey: readFileSync(sshd.clientKeyPath),
        hostVerifier: () => true,
        algorithms: { cipher: ['aes128-gcm@openssh.com'] },
        readyTimeout: 60_000,
      })
    })
  }

  /** Runs one command to its end and resolves with how many bytes it printed. */
  run(command: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error) return reject(error)
        let bytes = 0
        channel.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        channel.stderr.resume()
        channel.on('close', () => resolve(bytes))
        channel.end()
      })
    })
  }

  sftp(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      this.#client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)))
    })
  }

  close(): void {
    this.#client.end()
  }
}
