import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hostYaml } from './product.ts'
import { type Sshd, startSshd } from './sshd.ts'

/** One sshd listens on at most so many addresses (MAX_LISTEN_SOCKS in its source). */
const ADDRESSES_PER_SSHD = 16

/** Many configured hosts on one machine: real OpenSSH servers on as many loopback addresses, with the same keys, on one port. */
export interface ManyHosts {
  readonly sshd: Sshd
  /** `n001`, `n002`, …: each is tagged `all`, every second `even` or `odd`. */
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  /** The entries of config.yaml. */
  yaml(): string
  stop(): Promise<void>
}

/** What a command asks to know on which of the hosts it runs: `on 127.0.1.7`, as a test of the shell. */
export function isOn(address: string): string {
  return `case "$SSH_CONNECTION" in *" ${address} "*) true ;; *) false ;; esac`
}

/** Starts them. The caller stops them: their files are removed then. */
export async function startManyHosts(count: number): Promise<ManyHosts> {
  const sshd = await startSshd({ config: ['MaxSessions 100'] })
  const addresses = Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`)
  const names = addresses.map((_, index) => `n${String(index + 1).padStart(3, '0')}`)
  const own = readFileSync(join(sshd.directory, 'sshd_config'), 'utf8')
  const servers: ChildProcess[] = []
  for (let from = 0; from < count; from += ADDRESSES_PER_SSHD) {
    const listen = addresses
      .slice(from, from + ADDRESSES_PER_SSHD)
      .map((address) => `ListenAddress ${address}`)
    const path = join(sshd.directory, `sshd_config_${from}`)
    const config = own
      .replace('ListenAddress 127.0.0.1', listen.join('\n'))
      .replace(/^PidFile .*$/m, 'PidFile none')
      .replace(/^LogLevel .*$/m, 'LogLevel ERROR')
      .replace(/^MaxStartups .*$/m, 'MaxStartups 1000:30:2000')
    writeFileSync(path, config)
    servers.push(
      spawn(sshdProgram(), ['-D', '-f', path, '-E', join(sshd.directory, 'many.log')], { stdio: 'ignore' }),
    )
  }
  await Promise.all(addresses.map((address) => answering(address, sshd.port)))
  return {
    sshd,
    names,
    addresses,
    yaml: () =>
      names
        .map((name, index) =>
          hostYaml(name, sshd, {
            host: addresses[index] ?? '',
            tags: `[all, ${index % 2 === 0 ? 'odd' : 'even'}]`,
          }),
        )
        .join(''),
    async stop() {
      for (const server of servers) server.kill('SIGTERM')
      await sshd.stop()
    },
  }
}

function sshdProgram(): string {
  const path = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((one) => existsSync(one))
  if (path === undefined) throw new Error('sshd is missing; run: apt-get install openssh-server')
  return path
}

async function answering(address: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await accepts(address, port)) return
    await delay(25)
  }
  throw new Error(`sshd does not answer on ${address}`)
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
