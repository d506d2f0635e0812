import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Sshd } from '../../test/kit/sshd.ts'
import type { Stage } from '../stage.ts'
import type { Contender } from './contender.ts'

/** What the field uses most, from npm, kept outside this package's own dependencies. */
const PEERS = { 'ssh-mcp': '2.11.0', 'mcp-ssh-manager': '3.8.5' } as const
const TOKEN = 'peer-token-0123456789'

/** Installed once, beside this package, and configured for the one host; none where they are not wanted. */
export function peers(stage: Stage, sshd: Sshd, port = sshd.port): Contender[] {
  if (!stage.options.peers) return []
  const folder = installed()
  return [sshMcp(folder, stage.folder(), sshd, port), sshManager(folder, stage.folder(), sshd, port)]
}

function installed(): string {
  const folder = resolve('node_modules/.bench-peers')
  if (existsSync(join(folder, 'node_modules'))) return join(folder, 'node_modules')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private": true}')
  const names = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`)
  const install = ['install', '--no-audit', '--no-fund', ...names]
  const { status } = spawnSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the peers could not be installed from npm; without them: --no-peers')
  return join(folder, 'node_modules')
}

function sshMcp(folder: string, home: string, sshd: Sshd, port: number): Contender {
  const files = join(home, 'files')
  mkdirSync(files, { mode: 0o700 })
  const toml = [
    '[defaults]\ndefaultProfile = "bench"\napprovalMode = "auto"',
    `transferRoot = "${files}"\ntransferMaxBytes = 1073741824\n`,
    '[[profiles]]\nname = "bench"\nhost = "127.0.0.1"',
    `port = ${port}\nuser = "${sshd.username}"\nauth = "key"\nkeyRef = "${sshd.clientKeyPath}"`,
    'role = "admin"\napprovalPolicy = "auto"\n',
  ].join('\n')
  mkdirSync(join(home, 'ssh-mcp'), { mode: 0o700 })
  const tomlPath = join(home, 'ssh-mcp', 'config.toml')
  writeFileSync(tomlPath, toml, { mode: 0o600 })
  const command = [process.execPath, join(folder, 'ssh-mcp/build/index.js'), `--config=${tomlPath}`]
  return {
    name: 'ssh-mcp',
    kind: 'peer',
    command,
    env: { XDG_CONFIG_HOME: home, HOME: home },
    execute: (text) => ['run-command', { command: text }],
    http: (httpPort) => ({
      command: [...command, '--transport=http', `--httpPort=${httpPort}`, `--bearerToken=${TOKEN}`],
      path: '/',
      token: TOKEN,
    }),
  }
}

function sshManager(folder: string, home: string, sshd: Sshd, port: number): Contender {
  return {
    name: 'mcp-ssh-manager',
    kind: 'peer',
    command: [process.execPath, join(folder, 'mcp-ssh-manager/src/index.js')],
    env: {
      HOME: home,
      SSH_SERVER_BENCH_HOST: '127.0.0.1',
      SSH_SERVER_BENCH_PORT: String(port),
      SSH_SERVER_BENCH_USER: sshd.username,
      SSH_SERVER_BENCH_KEYPATH: sshd.clientKeyPath,
    },
    execute: (text) => ['ssh_execute', { server: 'bench', command: text }],
    put: (localPath, remotePath) => ['ssh_upload', { server: 'bench', localPath, remotePath }],
    get: (remotePath, localPath) => ['ssh_download', { server: 'bench', localPath, remotePath }],
  }
}
