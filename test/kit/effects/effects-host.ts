import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { textIn } from '../../policy/bypass/bypass-case.ts'
import { sshRunner } from '../ssh-runner.ts'
import { SUDO_USER, type SudoHost } from '../sudo-user.ts'
import { writeScratchFiles } from './scratch-files.ts'
import { makeBinaries, makeRepositories } from './scratch-repositories.ts'
import { differences, processesOf, restore, type Snapshot, snapshotOf, stateOf } from './snapshot.ts'

/** Cases may hang on purpose. */
const MOST_MS = 4_000
/** After it, everything is looked at. */
const MOMENT_MS = 20

/** As it was before a command. */
interface Watched {
  readonly before: Snapshot
  readonly connections: number
  readonly victim: string | undefined
}

export interface Seen {
  /** What the command did beside printing, in words. None: it only read. */
  readonly effects: readonly string[]
  readonly output: string
  readonly errors: string
  readonly status: number | undefined
}

/**
 * A login on a real host with a scratch folder that it may write to, and eyes on all that it could do: the files there, the processes that
 * it leaves behind, one that it could kill or change, a port on loopback that it could connect to.
 */
export class EffectsHost {
  readonly folder: string
  readonly uid = idOf('-u')
  readonly gid = idOf('-g')
  readonly #base: string
  readonly #runner: ReturnType<typeof sshRunner>
  readonly #server: Server
  readonly #host: SudoHost
  readonly #victimName: string
  #victim: ChildProcess | undefined
  #connections = 0
  readonly #sockets = new Set<Socket>()
  #before: Snapshot | undefined
  /** What the last command changed, to be put back before the next. */
  #changed: readonly string[] = []
  #isVictimTouched = false

  private constructor(host: SudoHost, base: string, server: Server, number: number) {
    this.#host = host
    this.#base = base
    this.folder = join(base, 'd')
    this.#server = server
    this.#victimName = `bypass-victim-${number}`
    this.#runner = sshRunner([host.target(`scratch-${number}`, undefined)])
  }

  static async start(host: SudoHost, number: number): Promise<EffectsHost> {
    const base = mkdtempSync(join(tmpdir(), 'effects-'))
    chmodSync(base, 0o755)
    const server = createServer((socket) => {
      self.#connections += 1
      self.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => self.#sockets.delete(socket))
      socket.end('HTTP/1.0 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nx\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const self = new EffectsHost(host, base, server, number)
    mkdirSync(self.folder)
    writeScratchFiles(self.folder)
    makeBinaries(self.folder)
    makeRepositories(self.folder)
    execFileSync('chown', ['-R', SUDO_USER, self.folder])
    execFileSync('cp', ['-a', self.folder, join(base, 'pristine')])
    chmodSync(join(base, 'pristine'), 0o700)
    copyFileSync('/usr/bin/sleep', join(base, self.#victimName))
    chmodSync(join(base, self.#victimName), 0o755)
    return self
  }

  /** The text of a case, for this folder. */
  textOf(text: string): string {
    const { port } = this.#server.address() as AddressInfo
    return textIn(this.folder, text)
      .replaceAll('@PORT@', String(port))
      .replaceAll('bypass-victim', this.#victimName)
      .replaceAll('@PID@', () => String(this.#victim?.pid ?? 0))
  }

  /** Runs what `make` makes of the folder as the bridge would, and says what it did. `keys`: on a terminal, with these pressed. */
  async see(make: (textOf: (text: string) => string) => string, keys?: string): Promise<Seen> {
    await this.#prepare()
    const command = make((text) => this.textOf(text))
    const before = this.#before ?? snapshotOf(this.folder)
    const connections = this.#connections
    const victim = this.#victimState()
    const home = join(this.folder, 'own-home')
    const whole = `HOME='${home}'; export HOME; PATH=$PATH:/usr/sbin:/sbin; cd '${this.folder}'\n${command}`
    const said = keys === undefined ? await this.#runPlain(whole) : await this.#runOnTerminal(whole, keys)
    const watched = { before, connections, victim }
    let look = await this.#look(watched)
    // Once more a moment later: a process that was left behind may not have done anything yet.
    if (look.effects.length === 0) look = await this.#look(watched)
    const { effects, after } = look
    this.#before = effects.length === 0 ? after : undefined
    return { ...said, effects }
  }

  async #look(watched: Watched): Promise<{ effects: readonly string[]; after: Snapshot }> {
    await delay(MOMENT_MS)
    const left = await this.#leftBehind()
    const after = snapshotOf(this.folder)
    const changed = differences(watched.before, after)
    this.#changed = changed.map(({ path }) => path)
    this.#isVictimTouched = this.#victimState() !== watched.victim
    const effects = [
      ...changed.map(({ path, how }) => `${path} ${how}`),
      ...left.map((pid) => `process ${pid} was left behind`),
      ...(this.#connections > watched.connections ? ['a connection was made'] : []),
      ...(this.#isVictimTouched ? ['another process was ended or changed'] : []),
    ]
    return { effects, after }
  }

  async stop(): Promise<void> {
    this.#runner.close()
    this.#victim?.kill('SIGKILL')
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#base, { recursive: true, force: true })
  }

  async #prepare(): Promise<void> {
    if (this.#changed.length > 0) restore(this.folder, join(this.#base, 'pristine'), this.#changed)
    this.#changed = []
    if (this.#victim === undefined || this.#victimState() === undefined || this.#isVictimTouched) {
      this.#victim?.kill('SIGKILL')
      const held = openSync(join(this.folder, 'held'), 'r')
      const stdio = [held, 'ignore', 'ignore'] as const
      const { uid, gid } = this
      this.#victim = spawn(join(this.#base, this.#victimName), ['100000'], { uid, gid, stdio: [...stdio] })
      closeSync(held)
      this.#isVictimTouched = false
    }
    this.#before ??= snapshotOf(this.folder)
  }

  #victimState(): string | undefined {
    return this.#victim?.pid === undefined ? undefined : stateOf(this.#victim.pid)
  }

  async #leftBehind(): Promise<number[]> {
    // What ends by itself just then is not left behind.
    for (let wait = 0; wait < 10 && processesOf(this.folder, this.uid).length > 0; wait += 1) await delay(30)
    const left = processesOf(this.folder, this.uid)
    for (const pid of left)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    return left
  }

  async #runPlain(command: string): Promise<Omit<Seen, 'effects'>> {
    const ran = await this.#runner.run(command, { timeoutMs: MOST_MS })
    const status = ran.kind === 'ended' && ran.end.how === 'exited' ? ran.end.code : undefined
    return { output: ran.stdout.head, errors: ran.stderr.head, status }
  }

  async #runOnTerminal(command: string, keys: string): Promise<Omit<Seen, 'effects'>> {
    const { sshd } = this.#host
    const ssh = spawn('ssh', [
      ...['-tt', '-F', 'none', '-i', sshd.clientKeyPath, '-p', String(sshd.port)],
      ...[
        '-o',
        `UserKnownHostsFile=${sshd.knownHostsPath}`,
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'LogLevel=ERROR',
      ],
      ...[`${SUDO_USER}@127.0.0.1`, `export TERM=xterm\n${command}`],
    ])
    // It may be over before every key was pressed.
    ssh.stdin.on('error', () => undefined)
    const chunks: Buffer[] = []
    ssh.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    const ended = new Promise<number | null>((resolve) => ssh.once('close', resolve))
    const isOver = { now: false }
    void ended.then(() => {
      isOver.now = true
    })
    // A program throws away what was typed before it began.
    for (let wait = 0; wait < 100 && chunks.length === 0 && !isOver.now; wait += 1) await delay(30)
    await Promise.race([ended, delay(300)])
    for (const key of keys) {
      await Promise.race([ended, delay(40)])
      if (!isOver.now) ssh.stdin.write(key)
    }
    await Promise.race([ended, delay(1_500)])
    ssh.kill('SIGKILL')
    return { output: Buffer.concat(chunks).toString(), errors: '', status: (await ended) ?? undefined }
  }
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, SUDO_USER], { encoding: 'utf8' }))
}
