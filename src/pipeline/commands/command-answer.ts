import type { Answer, RunAnswer } from '../../domain/answer.ts'
import type { NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { Bridge } from '../bridge.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { redactorFor } from '../secrets/redactor-for.ts'
import { shapeStream } from '../shape-stream.ts'
import { type Command, type RunCall, stateOfEnd } from './command.ts'
import type { AnyStream, CommandOutput } from './command-output.ts'
import { endOfLastCharacter, startOfFirstCharacter } from './utf8.ts'

/** Secrets are taken out before output is cut: more is read than is given, so that none is cut in two at the edge. */
const MARGIN_BYTES = 64 * 1024

/** What the caller of `execute_command` is told: how the command ended, or that it runs and what it has printed so far. */
export async function commandAnswer(
  command: Command,
  { clock, limits, ...parts }: Pick<Bridge, 'clock' | 'limits' | 'redactor' | 'secrets'>,
  outcome: RunOutcome | NotStarted | undefined = command.outcome,
  isRepeat = false,
): Promise<Answer> {
  if (outcome?.kind === 'not_started') return { kind: 'failed', code: outcome.code, message: outcome.message }
  const { host, command: text } = command.call.action
  const output = command.output
  const redactor = redactorFor(command.call, parts)
  // Taken before anything is waited for: the command may end while its output is read, and what is told of it belongs together.
  const state = outcome === undefined ? command.state : stateOfEnd(outcome.end)
  const shaped = async (stream: AnyStream) =>
    shapeStream(await captured(output, stream, limits.answerBytes, redactor, outcome !== undefined), {
      redactor,
      limits,
    })
  const stdout = await shaped('stdout')
  const stderr = await shaped('stderr')
  // With nothing on stderr the two are the same, and the text is searched and cut once.
  const both = output.total('stderr') === 0 ? stdout : await shaped('output')
  return {
    kind: 'ran',
    host,
    command: text,
    commandId: command.id,
    state,
    end: outcome?.end ?? { how: 'running', detached: command.isDetached },
    isRepeat,
    success: outcome?.end.how === 'exited' && outcome.end.code === 0,
    stdout: stdout.text,
    stderr: stderr.text,
    output: both.text,
    truncated: stdout.cut || stderr.cut || both.cut,
    stdoutBytes: output.total('stdout'),
    stderrBytes: output.total('stderr'),
    cleaned: both.cleaned,
    durationMs: Math.round(outcome?.durationMs ?? clock.now().getTime() - command.startedAt.getTime()),
    ...(outcome?.session && { session: outcome.session }),
  } satisfies RunAnswer
}

/** The command that an idempotency key began before: waited for as if it were this call's own, never ended by this call. */
export async function repeatAnswer(
  command: Command,
  { action }: RunCall,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController()
  const pause = bridge.clock
    .sleep(action.waitMs, AbortSignal.any([signal, over.signal]))
    .catch(() => undefined)
  await Promise.race([command.ended, pause])
  over.abort('over')
  return commandAnswer(command, bridge, command.outcome, true)
}

/**
 * The beginning and the end of a stream: no character is split and no secret, and what lies between is counted. Secrets that
 * are replaced make a text shorter, so also what is read beyond the answer's size may come to its edge.
 */
async function captured(
  output: CommandOutput,
  stream: AnyStream,
  answerBytes: number,
  redactor: Redactor,
  isOver: boolean,
) {
  // What has not come yet may make a secret of what has.
  const known = (bytes: Buffer) => (isOver ? bytes : bytes.subarray(0, redactor.begunAt(bytes)))
  const half = Math.ceil(answerBytes / 2) + MARGIN_BYTES
  const totalBytes = output.total(stream)
  const isWhole = totalBytes <= 2 * half && output.kept(stream) === totalBytes
  if (isWhole) {
    const all = await output.read(stream, 0, totalBytes)
    return { head: known(all), tail: Buffer.alloc(0), totalBytes, omittedBytes: 0 }
  }
  const margin = redactor.longestBytes
  const { bytes: end, offset } = await output.end(stream, half + margin)
  const first = offset === 0 ? 0 : uncut(end, Math.min(margin, end.length), redactor, 'behind')
  const start = await output.read(stream, 0, half + margin)
  // Of what nobody has, nobody knows whether it goes on with a secret.
  const isKept = start.length === half + margin || start.length === totalBytes
  const sure = isKept ? start.length : Math.max(0, start.length - margin)
  const last = uncut(start, Math.min(half, offset + first, sure), redactor, 'before')
  const head = start.subarray(0, endOfLastCharacter(start.subarray(0, last)))
  const tail = known(end.subarray(first + startOfFirstCharacter(end.subarray(first))))
  return { head, tail, totalBytes, omittedBytes: totalBytes - head.length - tail.length }
}

/** The place to cut at: `at`, or the edge of the secret that it would cut in two. */
function uncut(bytes: Buffer, at: number, redactor: Redactor, side: 'before' | 'behind'): number {
  const secret = redactor.spans(bytes).find(({ start, end }) => start < at && at < end)
  if (secret === undefined) return at
  return side === 'before' ? secret.start : secret.end
}
