import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAM } from './product.ts'
import type { Sshd } from './sshd.ts'
import { startInTerminal, type TerminalProgram } from './terminal-program.ts'

/** A home directory of somebody who has just installed the bridge. */
export interface NewHome {
  readonly path: string
  /** What programs there are started with; may be added to. */
  readonly env: Record<string, string>
  /** `~/config.yaml`, once there is one. */
  config(): string
  has(file: string): boolean
  /** Files of the directory, hidden ones too, without the state of the bridge. */
  files(): string[]
  write(file: string, text: string): void
  /** What is trusted by the bridge's own known_hosts. */
  trusted(): string
  inTerminal(...args: string[]): TerminalProgram
  /** Without a terminal. */
  run(...args: string[]): { readonly code: number | null; readonly out: string; readonly err: string }
  remove(): void
}

export function newHome(): NewHome {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'bridge-new-')))
  mkdirSync(join(path, '.ssh'), { mode: 0o700 })
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: path }
  const read = (file: string) => (existsSync(join(path, file)) ? readFileSync(join(path, file), 'utf8') : '')
  return {
    path,
    env,
    config: () => read('config.yaml'),
    has: (file) => existsSync(join(path, file)),
    files: () => readdirSync(path).filter((name) => !['.local', '.ssh'].includes(name)),
    write(file, text) {
      mkdirSync(join(path, file, '..'), { recursive: true, mode: 0o700 })
      writeFileSync(join(path, file), text, { mode: 0o600 })
    },
    trusted: () => read('.local/state/ssh-mcp-bridge/known_hosts'),
    inTerminal: (...args) => startInTerminal(['init', ...args], { env, cwd: path }),
    run(...args) {
      const words = [PROGRAM, ...args]
      const { status, stdout, stderr } = spawnSync(process.execPath, words, {
        cwd: path,
        env,
        encoding: 'utf8',
        input: '',
      })
      return { code: status, out: stdout, err: stderr }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A `Host` block of `~/.ssh/config` for a test server. */
export function sshBlock(
  name: string,
  sshd: Sshd,
  more: Readonly<Record<string, string | number>> = {},
): string {
  const options = {
    HostName: '127.0.0.1',
    Port: sshd.port,
    User: sshd.username,
    IdentityFile: sshd.clientKeyPath,
    ...more,
  }
  const lines = Object.entries(options).map(([key, value]) => `  ${key} ${value}`)
  return `Host ${name}\n${lines.join('\n')}\n\n`
}
