import type { OutputSink } from '../../domain/command.ts'
import type { LeftRunning, NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { Permit } from '../../domain/permit.ts'
import type { Bridge } from '../bridge.ts'
import { endOnTape, recordedSink } from '../recording/recorded-sink.ts'
import { lendSecrets } from '../secrets/lend-secrets.ts'
import type { Command } from './command.ts'

/**
 * Has the command run, with the secrets that it asks for, and recorded where that is configured: what cannot be recorded then is not run.
 * One that is taken up again runs already, recorded or not. `begun` is told once, when the host has begun.
 */
export async function runCommand(
  command: Command,
  permit: Permit,
  how: 'begin' | 'resume',
  { executor, recorder, secrets }: Bridge,
  signal: AbortSignal,
  begun: () => void,
): Promise<RunOutcome | NotStarted | LeftRunning> {
  const { call, owner, output } = command
  const lent = lendSecrets(owner, call.action, secrets)
  if (lent.kind === 'not_started') return lent
  try {
    const sink = noticing(output, begun)
    const beginning = recorder?.begin(call, 'command')
    if (beginning === undefined) return await executor.run(permit, sink, how, signal, lent.secrets)
    const tape = await beginning
    if (tape === undefined || 'kind' in tape)
      return tape === undefined || how === 'resume'
        ? await executor.run(permit, sink, how, signal, lent.secrets)
        : tape
    let outcome: RunOutcome | NotStarted | LeftRunning | undefined
    try {
      outcome = await executor.run(permit, recordedSink(sink, tape), how, signal, lent.secrets)
      return outcome
    } finally {
      await tape.end(endOnTape(outcome))
    }
  } finally {
    lent.giveBack()
  }
}

function noticing(sink: OutputSink, begun: () => void): OutputSink {
  let isBegun = false
  return {
    taken: sink.taken,
    push: (stream, chunk) => sink.push(stream, chunk),
    begun() {
      sink.begun()
      if (!isBegun) begun()
      isBegun = true
    },
  }
}
