import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { part, type Stage } from './stage.ts'

export interface SimulatedHost {
  /** An entry of `hosts` in config.yaml. */
  readonly yaml: string
}

/** Starts parts/simulated-host.mjs: real SSH, but nothing is run. */
export async function startSimulatedHost(stage: Stage, name: string): Promise<SimulatedHost> {
  const key = join(stage.folder(), 'host_key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const [, fingerprint] = execFileSync('ssh-keygen', ['-l', '-f', key], { encoding: 'utf8' }).split(' ')
  const args = [part('simulated-host.mjs'), key]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  stage.after(() => child.kill('SIGTERM'))
  if (child.stdout === null) throw new Error('the simulated host has no output')
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  const address = `host: 127.0.0.1, port: ${port}, username: user, password: unused, host_key: '${fingerprint}'`
  return { yaml: `  - {name: ${name}, ${address}}\n` }
}
