import type { RunAction } from '../../domain/call.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted, Outcome, RunOutcome } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import { randomHex } from '../../lib/ids.ts'
import type { RunChannel } from './channel.ts'
import { execLine, MAX_LINE_BYTES } from './exec-line.ts'
import type { Outlets } from './into-sink.ts'
import { withSecrets } from './secret-input.ts'

/** PATH_MAX of Linux, twice. */
const LONGEST_PATH = 8_192

/** Runs the command alone: nothing of it is kept for the next one but what it left on the host. */
export async function runInExecMode(
  owner: string,
  action: RunAction,
  target: HostTarget,
  runChannel: RunChannel,
  outlets: Outlets,
  signal: AbortSignal,
  secrets?: RevealedSecrets,
): Promise<RunOutcome | NotStarted> {
  const { host, command, workingDirectory, timeoutMs } = action
  const refused = refusalOfText(action)
  if (refused !== undefined) return refused
  const nonce = randomHex()
  const { input, ...takeSecrets } = withSecrets(secrets)
  const line = execLine({
    ...takeSecrets,
    nonce,
    command,
    disablePager: target.disablePager,
    ...(workingDirectory !== undefined && { workingDirectory }),
  })
  const overBytes = Buffer.byteLength(line) - MAX_LINE_BYTES
  if (overBytes > 0) return tooLong(Buffer.byteLength(command) - overBytes)
  const request = { line, ...input, nonce, timeoutMs, ...outlets }
  const result = await runChannel(owner, host, request, signal)
  if (result.kind === 'not_started') return result
  const { end, durationMs, hostKey } = result
  return { kind: 'ran', host, command, end, durationMs, ...(hostKey && { hostKey }) }
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
  const action: RunAction = { kind: 'run', host, command: 'pwd', timeoutMs, waitMs: timeoutMs }
  let path = ''
  const outlets = {
    onStdout: (chunk: Buffer) => {
      if (path.length < LONGEST_PATH) path += chunk.toString('latin1')
    },
    onStderr: () => undefined,
  }
  const ran = await runInExecMode(owner, action, target, runChannel, outlets, signal)
  if (ran.kind !== 'ran') return ran
  const told = Buffer.from(path.replace(/\n$/, ''), 'latin1').toString()
  if (ran.end.how === 'exited' && ran.end.code === 0 && told !== '')
    return { kind: 'directory', host, path: told }
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
