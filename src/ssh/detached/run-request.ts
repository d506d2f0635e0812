import type { Call, RunAction } from '../../domain/call.ts'
import { commandIdOf, isCommandId, type OutputSink } from '../../domain/command.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { RunEnd, RunOutcome } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Pool } from '../pool/pool.ts'
import { attributionOf } from '../run/attribution.ts'
import type { Where } from './ask-host.ts'
import { Life } from './life.ts'
import type { RunPlan } from './start-script.ts'

/** All that is known of a run from its call. */
export interface RunRequest {
  readonly where: Where
  readonly plan: RunPlan
  readonly action: RunAction
  readonly target: HostTarget
  readonly sink: OutputSink
  readonly life: Life
  readonly receivedAt: Date
  /** Monotonic; absent for one that an earlier process began. */
  readonly startedMs?: number
}

export interface Asked {
  readonly owner: string
  readonly call: Call
  readonly target: HostTarget
  readonly sink: OutputSink
  readonly signal: AbortSignal
}

/** @throws TypeError when the call does not run a command: whoever hands it over has a defect. */
export function runRequest(
  { owner, call, target, sink, signal }: Asked,
  { pool, clock, keptBytes }: { readonly pool: Pool; readonly clock: Clock; readonly keptBytes: number },
): RunRequest {
  const { action, receivedAt } = call
  const id = commandIdOf(call)
  if (action.kind !== 'run' || !isCommandId(id)) throw new TypeError(`not a command: ${call.id}`)
  const { command, workingDirectory, timeoutMs, host } = action
  const leftMs = receivedAt.getTime() + timeoutMs - clock.now().getTime()
  const plan: RunPlan = {
    id,
    mark: Buffer.from(id.slice('cmd_'.length), 'base64url').toString('hex'),
    attribution: attributionOf(call, target),
    command,
    ...(workingDirectory !== undefined && { workingDirectory }),
    disablePager: target.disablePager,
    asRoot: action.sudo === true,
    keptBytes,
  }
  const where = { pool, clock, owner, host }
  return { where, plan, action, target, sink, life: new Life(leftMs, clock, signal), receivedAt }
}

/** `seconds`: how long it took as the host counts, for one that began before this process did. */
export function runOutcome(
  { action, where: { clock }, startedMs, receivedAt }: RunRequest,
  end: RunEnd,
  told: { readonly hostKey?: string | undefined; readonly seconds?: number | undefined } = {},
): RunOutcome {
  const { host, command } = action
  const { hostKey, seconds } = told
  const sinceCallMs = () => clock.now().getTime() - receivedAt.getTime()
  const onHostMs = seconds === undefined ? undefined : seconds * 1000
  const durationMs = startedMs === undefined ? (onHostMs ?? sinceCallMs()) : clock.monotonicMs() - startedMs
  return { kind: 'ran', host, command, end, durationMs, ...(hostKey !== undefined && { hostKey }) }
}
