import type { RunAction } from '../../domain/call.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted, RunOutcome } from '../../domain/outcome.ts'
import { randomHex } from '../../lib/ids.ts'
import { EXEC_REFUSED, type RunChannel } from '../run/channel.ts'
import { refusalOfText } from '../run/command-text.ts'
import type { Outlets } from '../run/into-sink.ts'
import type { KnownPlatform } from './software.ts'
import { refusalOn } from './unsupported.ts'

/** What cmd.exe takes as one line. */
const WINDOWS_LINE_CHARACTERS = 8_191

/**
 * Hands the command to a host without a POSIX shell exactly as it was given and tells the exit status as the host tells it: PowerShell
 * knows only 0 and 1 for its own commands, and devices often close the channel without one (`unknown`). Aborting `signal`, and the
 * time-out, close the channel; what the command had started may go on, and the answer says so.
 */
export async function runPlain(
  owner: string,
  action: RunAction,
  target: HostTarget,
  platform: KnownPlatform,
  runChannel: RunChannel,
  outlets: Outlets,
  signal: AbortSignal,
): Promise<RunOutcome | NotStarted> {
  const { host, command, timeoutMs } = action
  const refused = refusalOn(action, target, platform) ?? refusalOfText(action) ?? tooLong(action, platform)
  if (refused !== undefined) return refused
  const request = {
    line: command,
    stdin: Buffer.alloc(0),
    nonce: randomHex(),
    timeoutMs,
    isPlain: true,
    ...outlets,
  }
  const result = await runChannel(owner, host, request, signal)
  if (result.kind === 'not_started') return result.detail === EXEC_REFUSED ? noCommands(target) : result
  const { end, durationMs, hostKey } = result
  return { kind: 'ran', host, command, end, durationMs, ...(hostKey && { hostKey }) }
}

function noCommands({ host }: HostTarget): NotStarted {
  const help = host.allowsTerminal
    ? 'Open a terminal on it instead'
    : 'A terminal would help; the operator can allow it with terminal: true'
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host.name} takes no single commands. ${help}. Nothing was run.`,
  }
}

function tooLong({ command }: RunAction, platform: KnownPlatform): NotStarted | undefined {
  if (platform !== 'windows' || command.length <= WINDOWS_LINE_CHARACTERS) return undefined
  return {
    kind: 'not_started',
    code: 'payload_too_large',
    message: `The command is too long: a Windows host takes at most ${WINDOWS_LINE_CHARACTERS} characters. Nothing was run.`,
  }
}
