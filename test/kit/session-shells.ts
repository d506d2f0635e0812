import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostName } from '../../src/domain/host.ts'
import type { Log } from '../../src/domain/log.ts'
import type { RunEnd, SessionAfter } from '../../src/domain/outcome.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { RunChannel } from '../../src/ssh/run/channel.ts'
import { Sessions, type SessionsOptions } from '../../src/ssh/session/sessions.ts'
import { MemorySessions } from './memory-sessions.ts'

export const HOST = hostName('web-server')
export const ALICE = '["https://idp.example.com","alice"]'
export const BOB = '["https://idp.example.com","bob"]'

export const SHELLS = ['bash', 'dash', 'ash', 'zsh'] as const
export type ShellName = (typeof SHELLS)[number]

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** Where the shells are. BusyBox needs a name to be `ash`, which a link in `directory` gives it. */
export function shellPath(name: ShellName, directory: string): string {
  if (name !== 'ash') {
    const path = ['/bin', '/usr/bin', '/usr/local/bin'].map((place) => join(place, name)).find(existsSync)
    if (path === undefined) throw new Error(`${name} is missing; run: apt-get install ${name}`)
    return path
  }
  const link = join(directory, 'ash')
  if (!existsSync(link)) symlinkSync('/usr/bin/busybox', link)
  return link
}

export interface Ran {
  readonly code: number | string
  readonly end: RunEnd
  readonly out: string
  readonly err: string
  readonly bytes: Buffer
  readonly session: SessionAfter
}

export interface Asking {
  readonly owner?: string
  readonly session?: string
  readonly workingDirectory?: string
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Sessions over a channel, and a short way to run commands in them. */
export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'session-bench-'))
  readonly store = new MemorySessions()
  readonly options: SessionsOptions
  sessions: Sessions

  constructor(channel: (directory: string) => RunChannel, options: Partial<SessionsOptions> = {}) {
    this.options = {
      runChannel: channel(this.directory),
      store: this.store,
      clock: systemClock,
      log: silent,
      limits: { idleTimeoutMs: 1_800_000, maxSessionsPerHost: 5 },
      ...options,
    }
    this.sessions = new Sessions(this.options)
  }

  /** As if the bridge had been stopped and started again. */
  restart(): void {
    this.sessions = new Sessions(this.options)
  }

  async run(command: string, asking: Asking = {}): Promise<Ran> {
    const out: Buffer[] = []
    const err: Buffer[] = []
    const result = await this.sessions.run(
      { owner: asking.owner ?? ALICE, host: HOST, ...(asking.session && { session: asking.session }) },
      {
        command,
        timeoutMs: asking.timeoutMs ?? 20_000,
        prepare: 'export PAGER=cat',
        ...(asking.workingDirectory !== undefined && { workingDirectory: asking.workingDirectory }),
      },
      { onStdout: (chunk) => void out.push(chunk), onStderr: (chunk) => void err.push(chunk) },
      asking.signal ?? new AbortController().signal,
    )
    if (result.kind === 'not_started') throw new Error(`${result.code}: ${result.message}`)
    const { end, session } = result
    const code = end.how === 'exited' ? end.code : end.how === 'killed' ? end.signal : end.how
    const bytes = Buffer.concat(out)
    return { code, end, session, bytes, out: bytes.toString(), err: Buffer.concat(err).toString() }
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** What calls have left in /tmp. */
export function leftovers(): string[] {
  return readdirSync('/tmp').filter((name) => name.startsWith('.ssh-mcp-bridge-'))
}
