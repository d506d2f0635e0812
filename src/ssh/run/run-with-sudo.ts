import type { RunAction } from '../../domain/call.ts'
import type { OutputSink } from '../../domain/command.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import { randomHex } from '../../lib/ids.ts'
import { LONGEST_NOISE } from './announcement.ts'
import type { RunChannel } from './channel.ts'
import { refusalOfText, tooLong } from './command-text.ts'
import { MAX_LINE_BYTES } from './exec-line.ts'
import { intoSink } from './into-sink.ts'
import { withSecrets } from './secret-input.ts'
import { sudoLine } from './sudo-line.ts'
import { sudoNotOffered, sudoRefusal } from './sudo-refusal.ts'

/**
 * Runs the command as root, alone: also on a host in shell mode, whose session lends its directory and is not changed. What sudo itself
 * says is no part of the output. Only root's own shell announces the command, so that a sudo that refuses is told apart from a command
 * that fails: without the announcement nothing was run.
 */
export async function runWithSudo(
  owner: string,
  action: RunAction,
  target: HostTarget,
  runChannel: RunChannel,
  sink: OutputSink,
  signal: AbortSignal,
  secrets?: RevealedSecrets,
): Promise<RunOutcome | NotStarted> {
  const { host, command, workingDirectory, timeoutMs } = action
  const { sudo } = target
  if (sudo === undefined) return sudoNotOffered(host)
  const refused = refusalOfText(action)
  if (refused !== undefined) return refused

  const [nonce, prompt] = [randomHex(), randomHex()]
  const { disablePager } = target
  const { input, ...takeSecrets } = withSecrets(secrets)
  const about = {
    ...{ nonce, command, disablePager, ...takeSecrets },
    ...(workingDirectory !== undefined && { workingDirectory }),
  }
  const line = sudoLine(about, sudo, { prompt })
  const overBytes = Buffer.byteLength(line) - MAX_LINE_BYTES
  if (overBytes > 0) return tooLong(Buffer.byteLength(command) - overBytes)

  // The host begins with sudo; the command begins when root's shell says so.
  const { onStarted, ...outlets } = intoSink(sink)
  let said = ''
  let mayRun = false
  const result = await runChannel(
    owner,
    host,
    {
      line,
      ...input,
      nonce,
      timeoutMs,
      ...outlets,
      sudo: {
        sudo,
        prompt,
        onPreamble: (words) => {
          said = words.toString()
          // The announcement was not waited for behind so much: whether the command was begun is not known.
          if (words.length > LONGEST_NOISE) mayRun = true
        },
        onBegun: () => {
          mayRun = true
          onStarted?.()
        },
      },
    },
    signal,
  )
  if (result.kind === 'not_started') return result
  const { end, durationMs, hostKey } = result
  if (end.how === 'exited' && !mayRun) return sudoRefusal(host, sudo, said, end.code)
  return { kind: 'ran', host, command, end, durationMs, ...(hostKey && { hostKey }) }
}
