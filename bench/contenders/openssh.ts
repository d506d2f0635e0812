import { execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Sshd } from '../../test/kit/sshd.ts'
import type { Stage } from '../stage.ts'

/** OpenSSH's own client over one shared connection (ControlMaster). */
export class ControlMaster {
  readonly #options: readonly string[]
  readonly #address: string
  readonly #port: string
  readonly #socket: string

  constructor(stage: Stage, sshd: Sshd, port = sshd.port) {
    this.#socket = join(sshd.directory, `control-${port}`)
    // The address of another port is the same server.
    const trust = port === sshd.port ? 'yes' : 'no'
    const options = {
      ControlPath: this.#socket,
      UserKnownHostsFile: trust === 'yes' ? sshd.knownHostsPath : '/dev/null',
      StrictHostKeyChecking: trust,
      BatchMode: 'yes',
      IdentitiesOnly: 'yes',
      LogLevel: 'ERROR',
      KexAlgorithms: 'curve25519-sha256',
    }
    this.#options = [...flags(options), '-i', sshd.clientKeyPath]
    this.#port = String(port)
    this.#address = `${sshd.username}@127.0.0.1`
    stage.after(() => this.close())
  }

  /** Opens the shared connection; resolves when it is there. */
  async open(): Promise<void> {
    execFileSync('ssh', ['-MNf', ...this.#ssh()], { stdio: 'ignore' })
  }

  /** Resolves when the command has ended; its output goes nowhere. */
  async run(command: string): Promise<void> {
    await ended('ssh', [...this.#ssh(), command])
  }

  /** The same over a connection of its own. */
  async runAlone(command: string): Promise<void> {
    await ended('ssh', ['-o', 'ControlPath=none', ...this.#ssh(), command])
  }

  async put(localPath: string, remotePath: string): Promise<void> {
    await this.#scp(localPath, `${this.#address}:${remotePath}`)
  }

  async get(remotePath: string, localPath: string): Promise<void> {
    await this.#scp(`${this.#address}:${remotePath}`, localPath)
  }

  /** From the host to the host, through this machine. */
  async copy(fromPath: string, toPath: string): Promise<void> {
    await this.#scp('-3', `${this.#address}:${fromPath}`, `${this.#address}:${toPath}`)
  }

  close(): void {
    try {
      execFileSync('ssh', ['-O', 'exit', ...this.#ssh()], { stdio: 'ignore' })
    } catch {
      // It was not open.
    }
    rmSync(this.#socket, { force: true })
  }

  #ssh(): string[] {
    return [...this.#options, '-p', this.#port, this.#address]
  }

  async #scp(...args: string[]): Promise<void> {
    await ended('scp', ['-q', ...this.#options, '-P', this.#port, ...args])
  }
}

/** Runs a program without reading what it prints; fails unless it ends with 0. */
export async function ended(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...env } })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${args.join(' ')}`)),
    )
  })
}

export function flags(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`])
}
