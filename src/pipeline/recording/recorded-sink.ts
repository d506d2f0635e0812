import type { OutputSink } from '../../domain/command.ts'
import type { LeftRunning, NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { OwnTape } from './recorder.ts'

/** The same sink; what goes into it is recorded too. The slower of the two makes the source wait. */
export function recordedSink(sink: OutputSink, tape: OwnTape): OutputSink {
  return {
    taken: sink.taken,
    begun: () => sink.begun(),
    push(stream, chunk) {
      const [kept, recorded] = [sink.push(stream, chunk), tape.output(stream, chunk)]
      if (kept === undefined || recorded === undefined) return kept ?? recorded
      return Promise.all([kept, recorded]).then(() => undefined)
    },
  }
}

/** What a recording says of the end of its command. */
export function endOnTape(
  outcome: RunOutcome | NotStarted | LeftRunning | undefined,
): NonNullable<Parameters<OwnTape['end']>[0]> {
  if (outcome === undefined) return { why: 'the bridge lost sight of the command' }
  if (outcome.kind === 'left_running') return { why: 'the bridge stopped; the command goes on', isCut: true }
  if (outcome.kind === 'not_started') return { why: 'nothing was run' }
  const { end } = outcome
  switch (end.how) {
    case 'exited':
      return { exitStatus: end.code }
    case 'killed':
      return { why: `ended by signal ${end.signal}` }
    case 'timed_out':
      return { why: `timed out after ${end.afterMs} ms` }
    case 'cancelled':
      return { why: 'cancelled' }
    case 'unknown':
      return { why: 'the connection was lost: how it ended is not known' }
  }
}
