import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type ExecutionMode, type HostTarget, hostName } from '../../src/domain/host.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** The login shells of the tests, as `$SHELL` names them. `ash` is BusyBox's. */
export type TestShell = 'bash' | 'dash' | 'ash' | 'zsh'

export interface SshdOptions {
  readonly shell?: TestShell
  /** More lines of sshd_config(5), e.g. `MaxSessions 2`. */
  readonly config?: readonly string[]
  /** sshd_config(5): connections that are not signed in yet. */
  readonly maxStartups?: string
  /** Encrypts the client's key. */
  readonly passphrase?: string
  /** Which host keys the server has; the first is the one the fields below speak of. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
  /** `$HOME` of the login is a directory of its own: interactive shells read nothing that belongs to the tester. */
  readonly hasOwnHome?: boolean
}

/** A real OpenSSH server on loopback with a user database of one: whoever runs the tests, by public key. */
export interface Sshd {
  readonly port: number
  readonly directory: string
  readonly username: string
  readonly clientKeyPath: string
  /** `SHA256:…` of the first host key, as it is now. */
  readonly hostKeyFingerprint: string
  /** A line that trusts all host keys as they are now, for a known_hosts file. */
  readonly knownHostsLine: string
  /** A known_hosts file in `directory` that holds the line above as it was at the start. */
  readonly knownHostsPath: string
  /** The server's log at LogLevel DEBUG1, up to now. */
  log(): string
  /** How many authentication attempts the server saw up to now. */
  authenticationAttempts(): number
  target(name: string, overrides?: TargetOverrides): HostTarget
  /** Stops and starts again on the same port, with fresh host keys. Connections are cut. */
  restartWithOtherHostKey(): Promise<void>
  /** Stops and starts again on the same port with the same keys. Connections are cut. */
  restart(): Promise<void>
  /** Ends every connection that is open now; the server goes on listening. */
  cutConnections(): void
  stop(): Promise<void>
}

export type TargetOverrides = Partial<Omit<HostTarget, 'host'>> & {
  readonly executionMode?: ExecutionMode
  readonly allowsTerminal?: boolean
}

/** Starts one. The caller stops it: its files are removed then. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const binary = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path))
  if (binary === undefined) throw new Error('sshd is missing; run: apt-get install openssh-server')
  // Compiled into Debian's sshd: its privilege separation directory.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })

  const directory = await mkdtemp(join(tmpdir(), 'bridge-sshd-'))
  const username = userInfo().username
  const port = await freePort()
  const logPath = join(directory, 'sshd.log')
  const types = options.hostKeyTypes ?? ['ed25519']
  const clientKeyPath = join(directory, 'client_key')
  await keygen('ed25519', clientKeyPath, options.passphrase)
  writeFileSync(join(directory, 'authorized_keys'), readFileSync(`${clientKeyPath}.pub`), { mode: 0o600 })

  const makeHostKeys = async () => {
    for (const type of types) {
      const path = join(directory, `host_${type}`)
      rmSync(path, { force: true })
      rmSync(`${path}.pub`, { force: true })
      await keygen(type, path)
    }
  }
  const publicKeys = () => types.map((type) => readFileSync(join(directory, `host_${type}.pub`), 'utf8'))
  const configPath = join(directory, 'sshd_config')
  writeFileSync(configPath, sshdConfig(directory, port, types, options))

  let server: ChildProcess | undefined
  const start = async () => {
    const child = spawn(binary, ['-D', '-f', configPath, '-E', logPath], { stdio: 'ignore' })
    server = child
    await answering(port, child, logPath)
  }
  const halt = async () => {
    const child = server
    if (child?.pid === undefined) return
    server = undefined
    const gone =
      child.exitCode === null && child.signalCode === null
        ? new Promise((resolve) => child.once('exit', resolve))
        : Promise.resolve()
    const serving = childrenOf(child.pid)
    child.kill('SIGTERM')
    await gone
    for (const pid of serving) end(pid)
  }

  await makeHostKeys()
  await start()
  const log = () => readFileSync(logPath, 'utf8')
  const knownHostsLine = () =>
    publicKeys()
      .map((key) => `[127.0.0.1]:${port} ${key.split(' ').slice(0, 2).join(' ').trim()}`)
      .join('\n')
  const knownHostsPath = join(directory, 'known_hosts')
  writeFileSync(knownHostsPath, `${knownHostsLine()}\n`)

  return {
    port,
    directory,
    username,
    clientKeyPath,
    knownHostsPath,
    get hostKeyFingerprint() {
      return fingerprintOf(publicKeys()[0] ?? '')
    },
    get knownHostsLine() {
      return knownHostsLine()
    },
    log,
    authenticationAttempts: () => log().split('userauth-request for user').length - 1,
    target(name, { executionMode = 'exec', allowsTerminal = false, ...overrides } = {}) {
      return {
        host: {
          name: hostName(name),
          description: '',
          tags: [],
          executionMode,
          requiredScopes: [],
          allowsSudo: overrides.sudo !== undefined,
          allowsTerminal,
        },
        address: '127.0.0.1',
        port,
        username,
        credential: {
          kind: 'private_key',
          path: clientKeyPath,
          ...(options.passphrase !== undefined && { passphrase: options.passphrase }),
        },
        hostKeys: [fingerprintOf(publicKeys()[0] ?? '')],
        disablePager: true,
        platform: 'auto',
        algorithms: 'modern',
        answers: [],
        ...overrides,
      }
    },
    async restartWithOtherHostKey() {
      await halt()
      await makeHostKeys()
      await start()
    },
    async restart() {
      await halt()
      await start()
    },
    cutConnections() {
      if (server?.pid !== undefined) for (const pid of childrenOf(server.pid)) end(pid)
    },
    async stop() {
      await halt()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function sshdConfig(directory: string, port: number, keys: readonly string[], options: SshdOptions): string {
  const forced = forceCommand(directory, options.shell ?? 'bash')
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...keys.map((type) => `HostKey ${join(directory, `host_${type}`)}`),
    `PidFile ${join(directory, 'sshd.pid')}`,
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    // The temporary directory is not owned the way sshd wants it.
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'UseDNS no',
    // Keeps bash from taking itself for a first login and reading the tester's own ~/.bashrc: tests and figures must not depend on it.
    `SetEnv SHLVL=2${options.hasOwnHome ? ` HOME=${ownHome(directory)}` : ''}`,
    'LogLevel DEBUG1',
    `MaxStartups ${options.maxStartups ?? '200:30:400'}`,
    ...(forced === undefined ? [] : [`ForceCommand ${forced}`]),
    ...(options.config ?? []),
    '',
  ].join('\n')
}

function ownHome(directory: string): string {
  const home = join(directory, 'home')
  mkdirSync(home, { recursive: true })
  return home
}

/** Makes `shell` the login shell of every command without a user of its own: `$SHELL` says so and it gets the command by `-c`. */
function forceCommand(directory: string, shell: TestShell): string | undefined {
  if (shell === 'bash' && userInfo().shell?.endsWith('/bash')) return undefined
  const path = shell === 'ash' ? join(directory, 'ash') : findProgram(shell)
  if (shell === 'ash') symlinkSync(findProgram('busybox'), path)
  return `exec env SHELL=${path} ${path} -c "$SSH_ORIGINAL_COMMAND"`
}

function findProgram(name: string): string {
  const path = ['/bin', '/usr/bin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate))
  if (path === undefined) throw new Error(`${name} is missing; run: apt-get install ${name}`)
  return path
}

async function keygen(type: string, path: string, passphrase = ''): Promise<void> {
  // Few rounds: the key protects nothing and the tests are in a hurry.
  await run('ssh-keygen', ['-q', '-t', type, '-a', '1', '-N', passphrase, '-C', 'test', '-f', path])
}

function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

async function answering(port: number, child: ChildProcess, logPath: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) {
      const log = existsSync(logPath) ? readFileSync(logPath, 'utf8') : ''
      throw new Error(`sshd ended with ${child.exitCode}:\n${log}`)
    }
    if (await greets(port)) return
    await delay(25)
  }
  throw new Error('sshd does not answer')
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => socket.destroy())
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(socket.bytesRead > 0))
  })
}

/** The processes that serve one connection each, and theirs (privilege separation). */
function childrenOf(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , command]) => command === 'sshd' || command?.startsWith('sshd-'))
  const below = (parent: number): number[] =>
    table
      .filter(([, ppid]) => Number(ppid) === parent)
      .map(([own]) => Number(own))
      .flatMap((own) => [own, ...below(own)])
  return below(pid)
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It had ended by itself.
  }
}
