import { constants } from 'node:os'
import type { HostName } from '../../domain/host.ts'
import type { NotStarted, RunEnd } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import { randomHex } from '../../lib/ids.ts'
import { announce, type RunChannel } from '../run/channel.ts'
import { shellWord } from '../run/exec-line.ts'
import type { Outlets } from '../run/into-sink.ts'
import { secretInput } from '../run/secret-input.ts'
import { functionDefinitions } from './session-functions.ts'
import { type SessionReport, SessionTrailer } from './session-trailer.ts'
import { type ByteText, parseSections, type ShellState, toBytes } from './shell-dialect.ts'
import { goneDirectory } from './shell-enter.ts'
import { functionsNamed } from './shell-posix.ts'
import {
  scratchDirectory,
  supervisorLine,
  supervisorLineBefore,
  supervisorScript,
} from './shell-supervisor.ts'

/** One command in a session. */
export interface SessionCommand {
  readonly command: string
  readonly workingDirectory?: string
  readonly timeoutMs: number
  /** Shell text that a session begins with, e.g. the exports that switch pagers off. Runs once in a session's life. */
  readonly prepare: string
  /** What it is run by, where that is not what all of the sessions are run by. */
  readonly runChannel?: RunChannel
  /** For this command alone: the session is as it was afterwards. */
  readonly secrets?: RevealedSecrets
}

interface Where {
  readonly owner: string
  readonly host: HostName
}

/** The caller waits for it. */
const REMOVAL_TIMEOUT_MS = 5_000

/** What became of the shell's state. `begin_anew`: the saved one is of no use any more, and the command was not run. */
export type StateAfter =
  | { readonly kind: 'saved'; readonly state: ShellState; readonly shell: string }
  | { readonly kind: 'kept'; readonly reason: string }
  | { readonly kind: 'begin_anew'; readonly reason: string }

export type SessionCallResult =
  | {
      readonly kind: 'ended'
      readonly end: RunEnd
      readonly hostKey: string
      readonly durationMs: number
      readonly after: StateAfter
    }
  | NotStarted

/** Runs one command in the state `before` (none: a fresh shell) and tells the state after it. Nothing is left on the host. */
export async function callInSession(
  where: Where,
  command: SessionCommand & { readonly runChannel: RunChannel },
  before: ShellState | undefined,
  outlets: Outlets,
  signal: AbortSignal,
): Promise<SessionCallResult> {
  const [nonce, mark, separator] = [randomHex(), randomHex(), randomHex()]
  const directory = scratchDirectory(randomHex())
  const definitions = recordedFunctions(command.command, before)
  const stdout = new SessionTrailer(mark, outlets.onStdout)
  const stderr = new SessionTrailer(mark, outlets.onStderr)
  const secrets = command.secrets && secretInput(command.secrets)
  const script = supervisorScript({
    mark,
    separator,
    directory,
    command: command.command,
    prepare: command.prepare,
    candidates: Object.keys(definitions),
    ...(command.workingDirectory !== undefined && { workingDirectory: command.workingDirectory }),
    ...(before && { state: before }),
    ...(secrets && { secrets }),
  })

  const result = await command.runChannel(
    where.owner,
    where.host,
    {
      ...(secrets
        ? {
            line: supervisorLineBefore(nonce, script.length),
            stdin: Buffer.concat([script, secrets.stdin]),
            isConfidential: true,
          }
        : { line: supervisorLine(nonce), stdin: script }),
      nonce,
      timeoutMs: command.timeoutMs,
      onStdout: (chunk) => stdout.write(chunk),
      onStderr: (chunk) => stderr.write(chunk),
      ...(outlets.pressure && { pressure: outlets.pressure }),
      ...(outlets.onStarted && { onStarted: outlets.onStarted }),
      isComplete: () => stdout.isOver && stderr.isOver,
      scratchDirectory: directory,
    },
    signal,
  )
  stdout.end()
  stderr.end()
  if (result.kind === 'not_started') return result

  const report = stdout.report()
  const isUnwatched = report === undefined && (result.end.how === 'exited' || result.end.how === 'killed')
  if (isUnwatched) await removeFromHost(where, command.runChannel, directory)
  const end = report && result.end.how === 'exited' ? endOf(report) : result.end
  const isUntold = secrets !== undefined
  const after = stateAfter(result.end, report, { before, definitions, separator, directory, isUntold })
  return { kind: 'ended', end, hostKey: result.hostKey, durationMs: result.durationMs, after }
}

/**
 * Whoever was to remove the directory was killed, by the command or for want of memory, and the directory holds the session's state. A
 * lost connection is another matter: the supervisor does not notice it.
 */
async function removeFromHost(
  { owner, host }: Where,
  runChannel: RunChannel,
  directory: string,
): Promise<void> {
  const nonce = randomHex()
  const line = `${announce(nonce)}; exec rm -rf -- ${shellWord(directory)}`
  const nowhere = { onStdout: () => {}, onStderr: () => {} }
  const request = { line, nonce, stdin: Buffer.alloc(0), timeoutMs: REMOVAL_TIMEOUT_MS, ...nowhere }
  await runChannel(owner, host, request, new AbortController().signal)
}

/** The functions that may exist afterwards: those from before, and what this command defines. A later definition wins. */
function recordedFunctions(command: string, before: ShellState | undefined): Record<string, ByteText> {
  if (before && before.dialect !== 'posix') return {}
  const defined = functionDefinitions(command).map(({ name, text }) => [name, toBytes(text)])
  return { ...before?.functions, ...Object.fromEntries(defined) }
}

/** The true end of the shell; the channel only saw the supervisor's. */
function endOf({ status, killed }: SessionReport): RunEnd {
  const number = status - 128
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return killed && name !== undefined
    ? { how: 'killed', signal: name.replace(/^SIG/, '') }
    : { how: 'exited', code: status }
}

interface Call {
  readonly before: ShellState | undefined
  readonly definitions: Readonly<Record<string, ByteText>>
  readonly separator: string
  readonly directory: string
  /** It told no state, because it was not to change the session. */
  readonly isUntold: boolean
}

function stateAfter(end: RunEnd, report: SessionReport | undefined, call: Call): StateAfter {
  if (end.how === 'timed_out' || end.how === 'cancelled')
    return { kind: 'kept', reason: 'the command was ended before it was finished' }
  if (end.how === 'unknown') return { kind: 'kept', reason: 'the connection was lost during the command' }
  if (report === undefined)
    return { kind: 'kept', reason: 'the command ended everything that watched over it' }
  if (report.how === 'no_start') return { kind: 'kept', reason: 'the shell could not be started' }
  if (report.how === 'other_shell')
    return { kind: 'begin_anew', reason: 'the login shell on the host is another one now' }
  if (report.how === 'anew') return { kind: 'begin_anew', reason: 'the saved state could not be restored' }
  if (report.killed) return { kind: 'kept', reason: 'the shell was ended by a signal' }
  if (report.stateTooLarge) return { kind: 'kept', reason: 'the new state is larger than 1 MiB' }

  const sections = report.state && parseSections(report.state.toString('latin1'), call.separator)
  if (sections === undefined)
    return {
      kind: 'kept',
      reason: call.isUntold
        ? 'a command that was given secrets changes no session'
        : 'the shell was replaced (exec), or left by exit with an EXIT trap of its own, so it never said its state',
    }
  const cwd = (sections.cwd ?? '').replace(/\n$/, '')
  const isGone = cwd === goneDirectory(call.directory)
  const functions = functionsNamed(sections.names ?? '', Object.keys(call.definitions))
  return {
    kind: 'saved',
    shell: report.shell,
    state: {
      dialect: report.dialect,
      sections: { ...sections, cwd: isGone ? (call.before?.sections.cwd ?? '/') : cwd, names: '' },
      functions: Object.fromEntries(functions.map((name) => [name, call.definitions[name] ?? ''])),
      status: report.status,
    },
  }
}
