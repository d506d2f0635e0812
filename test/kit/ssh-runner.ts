import { type HostName, type HostTarget, hostName } from '../../src/domain/host.ts'
import type { Log, LogFields } from '../../src/domain/log.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { randomHex } from '../../src/lib/ids.ts'
import { Pool, type PoolSettings } from '../../src/ssh/pool/pool.ts'
import type { RunChannel } from '../../src/ssh/run/channel.ts'
import { execLine } from '../../src/ssh/run/exec-line.ts'
import { createRunChannel } from '../../src/ssh/run/run-channel.ts'

/** A log that remembers its lines, for tests that say what an operator is told. */
export interface RememberedLog extends Log {
  readonly lines: readonly string[]
}

export function rememberedLog(): RememberedLog {
  const lines: string[] = []
  const line = (message: string, fields?: LogFields) => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  }
  return { lines, debug: line, info: line, warn: line, error: line }
}

/** More than any test looks at. */
const MOST_KEPT_BYTES = 1024 * 1024

export interface RunOptions {
  readonly owner?: string
  readonly host?: HostName
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly stdin?: string
  readonly isConfidential?: boolean
  readonly workingDirectory?: string
  readonly scratchDirectory?: string
  readonly onOutput?: (chunk: Buffer) => void
}

/** The connection layer by itself: what a command does on a host, without rules, audit and answers around it. */
export function sshRunner(
  targets: readonly HostTarget[],
  overrides: Partial<PoolSettings> = {},
  clock: Clock = systemClock,
) {
  const log = rememberedLog()
  const settings: PoolSettings = {
    knownHostsFiles: [],
    connectTimeoutMs: 10_000,
    keepaliveMs: 15_000,
    maxSessionsPerHost: 5,
    idleTimeoutMs: 60_000,
    cleanupIntervalMs: 60_000,
    ...overrides,
  }
  let configured = targets
  const target = (name: HostName) => configured.find(({ host }) => host.name === name)
  const pool = new Pool({ target, settings, clock, log })
  const runChannel: RunChannel = createRunChannel(pool, clock)
  const first = targets[0]?.host.name ?? hostName('none')

  const run = async (command: string, options: RunOptions = {}) => {
    const { owner = 'user@example.com', host = first, workingDirectory, scratchDirectory } = options
    const nonce = randomHex()
    const sinks = new KeptOutput()
    const result = await runChannel(
      owner,
      host,
      {
        line: execLine({
          nonce,
          command,
          disablePager: true,
          ...(workingDirectory !== undefined && { workingDirectory }),
        }),
        nonce,
        stdin: Buffer.from(options.stdin ?? ''),
        isConfidential: options.isConfidential === true,
        timeoutMs: options.timeoutMs ?? 20_000,
        onStdout: (chunk) => {
          sinks.onStdout(chunk)
          options.onOutput?.(chunk)
        },
        onStderr: sinks.onStderr,
        ...(scratchDirectory !== undefined && { scratchDirectory }),
      },
      options.signal ?? new AbortController().signal,
    )
    return { ...result, ...sinks.captured() }
  }
  const reconfigure = (next: readonly HostTarget[]) => {
    configured = next
    pool.reconfigure(settings)
  }
  return { pool, runChannel, run, log, settings, reconfigure, close: () => pool.close() }
}

/** The beginning of each stream, as text, and how long it was. */
class KeptOutput {
  readonly #stdout = { chunks: [] as Buffer[], totalBytes: 0 }
  readonly #stderr = { chunks: [] as Buffer[], totalBytes: 0 }
  readonly onStdout = (chunk: Buffer) => keep(this.#stdout, chunk)
  readonly onStderr = (chunk: Buffer) => keep(this.#stderr, chunk)

  captured() {
    const told = ({ chunks, totalBytes }: { chunks: Buffer[]; totalBytes: number }) => ({
      head: Buffer.concat(chunks).toString(),
      totalBytes,
    })
    return { stdout: told(this.#stdout), stderr: told(this.#stderr) }
  }
}

function keep(stream: { chunks: Buffer[]; totalBytes: number }, chunk: Buffer): void {
  stream.totalBytes += chunk.length
  if (stream.totalBytes <= MOST_KEPT_BYTES) stream.chunks.push(chunk)
}
