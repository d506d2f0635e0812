import { createHash } from 'node:crypto'
import type { Answer, RunAnswer } from '../../domain/answer.ts'
import { type Cleaned, NOTHING_CLEANED } from '../../domain/cleaned.ts'
import type { CommandId } from '../../domain/command.ts'
import type { FanOutGroup } from '../../domain/fan-out.ts'
import type { HostName } from '../../domain/host.ts'
import type { RemoteEvidence } from '../../domain/outcome.ts'
import { wireDenial } from '../wire-error.ts'

export type FanOutResult = FanOutGroup['result']

/** What came out on one host. */
export interface HostResult {
  readonly host: HostName
  readonly command: CommandId
  readonly result: FanOutResult
  /** Redacted; both streams as they came. */
  readonly output: string
  readonly outputBytes: number
  /** Something is left out of `output` already. */
  readonly truncated: boolean
  /** Equal for equal output on both streams, and only then. */
  readonly digest: string
  readonly cleaned: Cleaned
}

export interface Asked {
  readonly host: HostName
  readonly command: CommandId
  readonly timeoutMs: number
  /** The time the host had was cut short by the deadline of the whole call. */
  readonly untilDeadline: boolean
  /** Of all that the command has printed to both streams; undefined when not all of it was kept. */
  readonly digestOf: (command: CommandId) => Promise<string | undefined>
}

export async function hostResult(answer: Answer, asked: Asked): Promise<HostResult> {
  const { host, command } = asked
  if (answer.kind === 'ran') return ranResult(answer, asked)
  const nothing = { output: '', outputBytes: 0, truncated: false, digest: '', cleaned: NOTHING_CLEANED }
  return { host, command, result: notRun(answer), ...nothing }
}

function notRun(answer: Exclude<Answer, RunAnswer>): FanOutResult {
  if (answer.kind === 'denied') {
    const { code, message } = wireDenial(answer.reason)
    return { kind: 'denied', code, reason: message }
  }
  // Nothing is run for this call; what comes of it later is read by its command id.
  if (answer.kind === 'waiting_approval') return { kind: 'denied', code: 'approval_required', reason: WAITS }
  if (answer.kind === 'failed') return { kind: 'unreachable', code: answer.code, reason: answer.message }
  throw new TypeError(`a command was answered with ${answer.kind}`)
}

const WAITS = 'it waits for approval and runs by itself once approved; follow it by its command id'

async function ranResult(answer: RunAnswer, asked: Asked): Promise<HostResult> {
  const { stdout, stderr, output, truncated, cleaned } = answer
  return {
    host: asked.host,
    command: asked.command,
    result: ended(answer, asked),
    output,
    outputBytes: answer.stdoutBytes + answer.stderrBytes,
    truncated,
    // Of output that is here whole, what the caller would see is compared: secrets that differ are no difference. Of longer output, all
    // that was printed; and what nobody has whole any more is equal to nothing.
    digest: truncated
      ? ((await asked.digestOf(asked.command)) ?? asked.command)
      : digestOfTexts(stdout, stderr),
    cleaned,
  }
}

function digestOfTexts(stdout: string, stderr: string): string {
  if (stdout === '' && stderr === '') return ''
  return createHash('sha256').update(`${stdout.length}\n`).update(stdout).update(stderr).digest('base64')
}

/** Reasons are worded so that hosts to which the same happened say the same: no process number, no time that was left. */
function ended({ end }: RunAnswer, { timeoutMs, untilDeadline }: Asked): FanOutResult {
  switch (end.how) {
    case 'exited':
      return { kind: 'exited', code: end.code }
    case 'killed':
      return { kind: 'killed', signal: end.signal }
    case 'timed_out': {
      const when = untilDeadline ? 'at the deadline of the call' : `after ${timeoutMs / 1000} s`
      return { kind: 'timed_out', reason: `stopped ${when}; ${evidence(end.remote)}` }
    }
    case 'cancelled':
      return { kind: 'cancelled', reason: evidence(end.remote) }
    case 'unknown':
      return { kind: 'unknown', reason: end.reason }
    case 'running':
      return { kind: 'unknown', reason: 'it still runs; follow or cancel it by its command id' }
  }
}

function evidence(remote: RemoteEvidence): string {
  switch (remote.state) {
    case 'stopped':
      return 'its processes are gone'
    case 'still_running':
      return 'its processes are STILL RUNNING'
    case 'not_begun':
      return `it never ran: ${remote.reason}`
    case 'unknown':
      return `whether its processes stopped is unknown: ${remote.reason}`
  }
}
