import { randomBytes } from 'node:crypto'
import type { Call, RunAction } from '../../src/domain/call.ts'
import { commandIdOf, type OutputSink, type OutputStream } from '../../src/domain/command.ts'
import { type HostTarget, hostName } from '../../src/domain/host.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { DetachedRuns, type DetachedRunsOptions } from '../../src/ssh/detached/detached-runs.ts'
import { Pool } from '../../src/ssh/pool/pool.ts'
import { rememberedLog } from './ssh-runner.ts'

/** A sink that keeps all, for what a host says twice or not at all shows. */
export class WholeOutput implements OutputSink {
  readonly #parts: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  readonly taken = { stdout: 0, stderr: 0 }
  begins = 0
  /** Waited for before a piece counts as taken. */
  onPush: ((stream: OutputStream, bytes: number) => Promise<void> | undefined) | undefined

  begun(): void {
    this.begins += 1
  }

  push(stream: OutputStream, chunk: Buffer): Promise<void> | undefined {
    this.#parts[stream].push(Buffer.from(chunk))
    this.taken[stream] += chunk.length
    return this.onPush?.(stream, chunk.length)
  }

  bytes(stream: OutputStream): Buffer {
    return Buffer.concat(this.#parts[stream])
  }

  get stdout(): string {
    return this.bytes('stdout').toString()
  }

  get stderr(): string {
    return this.bytes('stderr').toString()
  }
}

export function detachedCall(
  command: string,
  action: Partial<RunAction> = {},
  receivedAt = new Date(),
): Call {
  return {
    id: `call_${randomBytes(16).toString('base64url')}`,
    principal: {
      issuer: 'none',
      subject: 'user@example.com',
      method: 'none',
      groups: [],
      roles: [],
      scopes: 'all',
    },
    action: {
      kind: 'run',
      host: hostName('web-server'),
      command,
      timeoutMs: 60_000,
      waitMs: 0,
      detached: true,
      ...action,
    },
    edge: 'mcp_http',
    receivedAt,
  }
}

/** One process of the bridge, as far as detached commands go. */
export function detachedBridge(
  target: HostTarget,
  options: Pick<DetachedRunsOptions, 'keptBytes' | 'patienceMs'> = {},
) {
  let isAway = false
  const log = rememberedLog()
  const pool = new Pool({
    target: (name) => (name === target.host.name && !isAway ? target : undefined),
    settings: {
      knownHostsFiles: [],
      connectTimeoutMs: 10_000,
      keepaliveMs: 15_000,
      maxSessionsPerHost: 5,
      idleTimeoutMs: 60_000,
      cleanupIntervalMs: 60_000,
    },
    clock: systemClock,
    log,
  })
  const runs = new DetachedRuns({ pool, clock: systemClock, log, ...options })
  const begin = (call: Call, how: 'run' | 'resume', sink = new WholeOutput()) => {
    const abort = new AbortController()
    const ended = runs[how]('user@example.com', call, target, sink, abort.signal)
    return { id: commandIdOf(call), call, sink, abort, ended }
  }
  return {
    pool,
    runs,
    log,
    run: (command: string, action?: Partial<RunAction>, receivedAt?: Date) =>
      begin(detachedCall(command, action, receivedAt), 'run'),
    begin: (call: Call) => begin(call, 'run'),
    /** The host cannot be used, or can again. */
    away(away: boolean) {
      isAway = away
    },
    resume: (call: Call, sink?: WholeOutput) => begin(call, 'resume', sink),
    close() {
      runs.close()
      pool.close()
    },
  }
}
