import { type Home, hostYaml, PROGRAM } from '../../test/kit/product.ts'
import type { Sshd } from '../../test/kit/sshd.ts'
import { part } from '../stage.ts'
import type { Contender } from './contender.ts'

export const OURS = 'ssh-mcp-bridge'
export const OURS_IN_SHELL = 'ssh-mcp-bridge (shell mode)'

/** What nobody who measures may be held back by. */
const LIMITS = 'limits: {calls_per_minute: 1000000, wait: 600}\n'

/** A configuration of these hosts, `more` being further YAML of the top level. */
export function configure(home: Home, hosts: string, more = ''): void {
  home.configure(`${LIMITS}${more}hosts:\n${hosts}`)
}

/** The product over stdio as a person starts it, with the configuration of the home. */
export function startLine(home: Home): string[] {
  return [process.execPath, PROGRAM, home.configPath, '--stdio', '--log-level', 'ERROR']
}

/** The same with the probe inside: see parts/probe.mjs. */
export function probedLine(home: Home): string[] {
  const [node = '', ...rest] = startLine(home)
  return [node, '--import', part('probe.mjs'), ...rest]
}

/** On one host each command alone, on the other in a shell that keeps its state; `port`: where else the server can be reached. */
export function ours(home: Home, sshd: Sshd, port = sshd.port): Contender[] {
  const more = { port: String(port) }
  const inShell = hostYaml('shell-host', sshd, { ...more, execution_mode: 'shell' })
  configure(home, hostYaml('exec-host', sshd, more) + inShell)
  const shared = { kind: 'ours', command: startLine(home), env: {} } as const
  const execute = (host: string) => (text: string) => ['execute_command', { host, command: text }] as const
  return [
    { ...shared, name: OURS, execute: execute('exec-host') },
    { ...shared, name: OURS_IN_SHELL, execute: execute('shell-host') },
  ]
}
