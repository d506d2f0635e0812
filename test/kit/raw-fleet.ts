import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Client } from 'ssh2'
import type { Printed } from './cross-talk.ts'
import type { ManyHosts } from './many-hosts.ts'

/** The yardstick for many hosts: one bare ssh2 connection to each, nothing decided, nothing recorded. */
export interface RawFleet {
  run(at: number, command: string): Promise<Printed>
  close(): void
}

export async function openRawFleet({ sshd, addresses }: ManyHosts): Promise<RawFleet> {
  const privateKey = readFileSync(sshd.clientKeyPath)
  const open = (host: string) =>
    new Promise<Client>((resolve, reject) => {
      const client = new Client()
      client.once('ready', () => resolve(client)).once('error', reject)
      const sock = connect({ host, port: sshd.port, noDelay: true })
      const algorithms = { cipher: ['aes128-gcm@openssh.com' as const] }
      client.connect({ sock, username: sshd.username, privateKey, hostVerifier: () => true, algorithms })
    })
  const clients = await Promise.all(addresses.map(open))
  return {
    run: (at, command) =>
      new Promise((resolve, reject) => {
        const client = clients[at]
        if (client === undefined) return reject(new Error(`no host ${at}`))
        client.exec(command, (error, channel) => {
          if (error) return reject(error)
          const printed = { stdout: '', stderr: '' }
          channel.setEncoding('utf8').on('data', (text: string) => {
            printed.stdout += text
          })
          channel.stderr.setEncoding('utf8').on('data', (text: string) => {
            printed.stderr += text
          })
          channel.on('close', () => resolve(printed))
          channel.end()
        })
      }),
    close: () => {
      for (const client of clients) client.end()
    },
  }
}
