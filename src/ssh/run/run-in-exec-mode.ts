import type { RunAction } from '../../domain/call.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted, Outcome, RunOutcome } from '../../domain/outcome.ts'
import { randomHex } from '../../lib/ids.ts'
import { Capture } from '../capture.ts'
import type { RunChannel } from './channel.ts'
import { execLine, MAX_LINE_BYTES } from './exec-line.ts'

export interface CaptureSizes {
  readonly headBytes: number
  readonly tailBytes: number
}

/** Where the output of a command goes: both streams, and the two together in the order in which they came. */
export class Sinks {
  readonly #stdout: Capture
  readonly #stderr: Capture
  /** Absent until stderr says something: so long it is the same as stdout and is kept once. */
  #output: Capture | undefined

  constructor({ headBytes, tailBytes }: CaptureSizes) {
    this.#stdout = new Capture(headBytes, tailBytes)
    this.#stderr = new Capture(headBytes, tailBytes)
  }

  readonly onStdout = (chunk: Buffer): void => {
    this.#stdout.push(chunk)
    this.#output?.push(chunk)
  }

  readonly onStderr = (chunk: Buffer): void => {
    this.#output ??= this.#stdout.copy()
    this.#stderr.push(chunk)
    this.#output.push(chunk)
  }

  /** `output` is the same object as `stdout` when there was nothing on stderr. */
  captured(): Pick<RunOutcome, 'stdout' | 'stderr' | 'output'> {
    const stdout = this.#stdout.captured()
    return { stdout, stderr: this.#stderr.captured(), output: this.#output?.captured() ?? stdout }
  }
}

/** Runs the command alone: nothing of it is kept for the next one but what it left on the host. */
export async function runInExecMode(
  owner: string,
  action: RunAction,
  target: HostTarget,
  runChannel: RunChannel,
  sizes: CaptureSizes,
  signal: AbortSignal,
): Promise<RunOutcome | NotStarted> {
  const { host, command, workingDirectory, timeoutMs } = action
  const refused = refusalOfText(action)
  if (refused !== undefined) return refused
  const nonce = randomHex()
  const line = execLine({
    nonce,
    command,
    disablePager: target.disablePager,
    ...(workingDirectory !== undefined && { workingDirectory }),
  })
  const overBytes = Buffer.byteLength(line) - MAX_LINE_BYTES
  if (overBytes > 0) return tooLong(Buffer.byteLength(command) - overBytes)
  const sinks = new Sinks(sizes)
  const { onStdout, onStderr } = sinks
  const request = { line, stdin: Buffer.alloc(0), nonce, timeoutMs, onStdout, onStderr }
  const result = await runChannel(owner, host, request, signal)
  if (result.kind === 'not_started') return result
  const { end, durationMs, hostKey } = result
  return { kind: 'ran', host, command, end, ...sinks.captured(), durationMs, ...(hostKey && { hostKey }) }
}

/** The directory that commands on the host begin in. */
export async function directoryInExecMode(
  owner: string,
  target: HostTarget,
  timeoutMs: number,
  runChannel: RunChannel,
  signal: AbortSignal,
): Promise<Outcome> {
  const host = target.host.name
  const action: RunAction = { kind: 'run', host, command: 'pwd', timeoutMs }
  const ran = await runInExecMode(
    owner,
    action,
    target,
    runChannel,
    { headBytes: 8_192, tailBytes: 0 },
    signal,
  )
  if (ran.kind !== 'ran') return ran
  const path = ran.stdout.head.replace(/\n$/, '')
  if (ran.end.how === 'exited' && ran.end.code === 0 && path !== '') return { kind: 'directory', host, path }
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} did not tell its working directory. Nothing was changed, so it is safe to try again.`,
    detail: `pwd: ${JSON.stringify(ran.end)}`,
  }
}

/** Said here, because all that the host would say is that it could not start the shell. */
function tooLong(mostBytes: number): NotStarted {
  return {
    kind: 'not_started',
    code: 'payload_too_large',
    message: `The command is too long: a host in exec mode takes at most ${mostBytes} bytes. Nothing was run.`,
  }
}

/** One NUL in an exec request ends the whole connection, with everything that runs over it. */
export function refusalOfText({ command, workingDirectory }: RunAction): NotStarted | undefined {
  if (!command.includes('\0') && !workingDirectory?.includes('\0')) return undefined
  return {
    kind: 'not_started',
    code: 'bad_request',
    message: 'A command or working directory cannot hold a NUL character. Nothing was run.',
  }
}
