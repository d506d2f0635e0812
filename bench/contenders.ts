import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { type Home, hostYaml, PROGRAM } from '../test/kit/product.ts'
import type { Sshd } from '../test/kit/sshd.ts'

const run = promisify(execFile)
/** What the field uses most, from npm, kept outside this package's own dependencies. */
const PEERS = { 'ssh-mcp': '2.11.0', 'mcp-ssh-manager': '3.8.5' } as const

/** An MCP server over stdio that can be started and asked to run a command. */
export interface Contender {
  readonly name: string
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The tool that runs a command, and its arguments. Absent: only its start is measured. */
  readonly execute?: (command: string) => readonly [tool: string, args: Record<string, unknown>]
}

export function ours(home: Home, sshd: Sshd): Contender[] {
  const hosts = hostYaml('exec-host', sshd) + hostYaml('shell-host', sshd, { execution_mode: 'shell' })
  home.configure(`limits: {calls_per_minute: 1000000}\nhosts:\n${hosts}`)
  const command = [process.execPath, PROGRAM, home.configPath, '--stdio', '--log-level', 'ERROR']
  const execute = (host: string) => (text: string) => ['execute_command', { host, command: text }] as const
  return [
    { name: 'ssh-mcp-bridge', command, env: {}, execute: execute('exec-host') },
    { name: 'ssh-mcp-bridge (shell mode)', command, env: {}, execute: execute('shell-host') },
  ]
}

/** The smallest honest server on the SDK, as it is and bundled: what a start costs at least. */
export function yardsticks(home: Home): Contender[] {
  const bundled = resolve('node_modules/.bench-one-tool.mjs')
  const banner = {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  }
  buildSync({
    entryPoints: ['bench/one-tool-server.mjs'],
    outfile: bundled,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner,
  })
  void home
  return [
    { name: 'SDK, one tool, bundled', command: [process.execPath, bundled], env: {} },
    { name: 'SDK, one tool', command: [process.execPath, 'bench/one-tool-server.mjs'], env: {} },
  ]
}

/** Installs the peers once, beside this package, and configures each for the one host. */
export function peers(home: Home, sshd: Sshd): Contender[] {
  const folder = resolve('node_modules/.bench-peers')
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private": true}')
    const names = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`)
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...names], {
      cwd: folder,
      stdio: 'inherit',
    })
    if (installed.status !== 0) throw new Error('the peers could not be installed from npm')
  }
  const configHome = join(home.directory, 'peer')
  mkdirSync(join(configHome, 'ssh-mcp'), { recursive: true, mode: 0o700 })
  const toml = [
    '[defaults]\ndefaultProfile = "bench"\napprovalMode = "auto"\n',
    '[[profiles]]\nname = "bench"\nhost = "127.0.0.1"',
    `port = ${sshd.port}\nuser = "${sshd.username}"\nauth = "key"\nkeyRef = "${sshd.clientKeyPath}"`,
    'role = "admin"\napprovalPolicy = "auto"\n',
  ].join('\n')
  const tomlPath = join(configHome, 'ssh-mcp', 'config.toml')
  writeFileSync(tomlPath, toml, { mode: 0o600 })
  return [
    {
      name: 'ssh-mcp',
      command: [
        process.execPath,
        join(folder, 'node_modules/ssh-mcp/build/index.js'),
        `--config=${tomlPath}`,
      ],
      env: { XDG_CONFIG_HOME: configHome, HOME: configHome },
      execute: (command) => ['run-command', { command }],
    },
    {
      name: 'mcp-ssh-manager',
      command: [process.execPath, join(folder, 'node_modules/mcp-ssh-manager/src/index.js')],
      env: {
        HOME: configHome,
        SSH_SERVER_BENCH_HOST: '127.0.0.1',
        SSH_SERVER_BENCH_PORT: String(sshd.port),
        SSH_SERVER_BENCH_USER: sshd.username,
        SSH_SERVER_BENCH_KEYPATH: sshd.clientKeyPath,
      },
      execute: (command) => ['ssh_execute', { server: 'bench', command }],
    },
  ]
}

/** OpenSSH's own client over one shared connection (ControlMaster). */
export class ControlMaster {
  readonly #args: readonly string[]

  constructor(home: Home, sshd: Sshd) {
    const socket = join(home.directory, 'control')
    const options = {
      ControlPath: socket,
      UserKnownHostsFile: sshd.knownHostsPath,
      BatchMode: 'yes',
      IdentitiesOnly: 'yes',
    }
    const flags = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`])
    this.#args = [...flags, '-i', sshd.clientKeyPath, '-p', String(sshd.port), `${sshd.username}@127.0.0.1`]
    execFileSync('ssh', ['-MNf', ...this.#args])
  }

  async run(command: string): Promise<void> {
    await run('ssh', [...this.#args, command])
  }

  close(): void {
    execFileSync('ssh', ['-O', 'exit', ...this.#args], { stdio: 'ignore' })
  }
}
