import type { CancelAnswer, OutputPage } from '../../domain/answer.ts'
import { type Call, hostsOf, type ReadOutputAction } from '../../domain/call.ts'
import { NOTHING_CLEANED } from '../../domain/cleaned.ts'
import type { CommandId, CommandState, CommandSummary } from '../../domain/command.ts'
import type { HostName } from '../../domain/host.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayKnow } from '../decide-now.ts'
import { wireAnswer } from '../wire.ts'
import { actionText } from './exact-text.ts'
import type { Waiting } from './waiting.ts'

/** The caller's own request, unless the rules keep it from the host by now. */
export async function findWaiting(
  { principal }: Call,
  id: CommandId,
  bridge: Bridge,
): Promise<Waiting | undefined> {
  const waiting = await bridge.approvals.seekOwn(principalKey(principal), id)
  return waiting && mayKnow(waiting.request.call, principal, bridge) ? waiting : undefined
}

/** Waits until the request is begun, answered for good, or the caller has waited long enough. Resolves with the time that is left. */
export async function untilAnswered(
  waiting: Waiting,
  waitMs: number,
  { clock, commands }: Bridge,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = clock.monotonicMs()
  const over = new AbortController()
  const late = clock.sleep(waitMs, AbortSignal.any([signal, over.signal])).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  const isOver = () =>
    waiting.end !== undefined ||
    waiting.outcome !== undefined ||
    commands.find(waiting.owner, waiting.request.id) !== undefined
  while (waitMs > 0 && !isOver()) if ((await Promise.race([waiting.changed, late])) === 'late') break
  over.abort('over')
  return Math.max(0, waitMs - (clock.monotonicMs() - startedMs))
}

/** How a request stands, as `get_command_output` tells it; of one that was carried out, what came of it. */
export function waitingPage(waiting: Waiting, { stream }: ReadOutputAction, bridge: Bridge): OutputPage {
  const { request, end, outcome } = waiting
  const { call, requestedAt } = request
  const text = waiting.told ?? (outcome === undefined ? '' : outcomeText(outcome))
  const bytes = Buffer.byteLength(text)
  const isOver = end !== undefined || outcome !== undefined
  const refused = end !== undefined && end.state !== 'completed' && outcome === undefined
  return {
    kind: 'command_output',
    commandId: request.id,
    host: hostOfCall(call),
    command: commandText(call),
    state: stateOf(waiting),
    ...(refused && { failure: { code: 'approval_over', message: `${end.state}: ${end.why}` } }),
    ...(!isOver && { notice: noticeOf(waiting, bridge) }),
    stream,
    text,
    offset: 0,
    nextOffset: bytes,
    totalBytes: bytes,
    keptBytes: bytes,
    hasMore: !isOver,
    cleaned: NOTHING_CLEANED,
    durationMs: (end?.at ?? bridge.clock.now()).getTime() - requestedAt.getTime(),
  }
}

/** Withdraws it: nobody can approve it any more. One that has begun is not this one's to end. */
export async function withdraw(waiting: Waiting, { approvals }: Bridge): Promise<CancelAnswer> {
  const wasWaiting = waiting.state === 'waiting'
  if (wasWaiting) await approvals.end(waiting, 'waiting', 'cancelled', 'withdrawn by its requester')
  const { id, call } = waiting.request
  return {
    kind: 'command_cancelled',
    commandId: id,
    host: hostOfCall(call),
    command: commandText(call),
    state: stateOf(waiting),
    cancelled: wasWaiting && waiting.end?.state === 'cancelled',
  }
}

export function waitingSummary(waiting: Waiting): CommandSummary {
  const { id, call, requestedAt } = waiting.request
  const detached = call.action.kind === 'run' && call.action.detached === true
  const ended = waiting.endedAt && { endedAt: waiting.endedAt }
  const state = stateOf(waiting)
  return {
    id,
    host: hostOfCall(call),
    command: commandText(call),
    state,
    detached,
    startedAt: requestedAt,
    ...ended,
  }
}

function stateOf({ state }: Waiting): CommandState {
  if (state === 'waiting') return 'waiting_approval'
  return state === 'started' ? 'running' : state
}

/** What came of a request that is no command, as its requester is told. */
export function outcomeText(outcome: NonNullable<Waiting['outcome']>): string {
  const wire = wireAnswer(outcome)
  return `${JSON.stringify(wire.kind === 'result' ? wire.body : wire.error, undefined, 2)}\n`
}

function noticeOf({ request, answers }: Waiting, { approvals }: Bridge): string {
  const { terms } = request.decision
  const url = approvals.options.urlOf(request.id)
  const missing = terms.count - answers.length
  return [
    `waits for ${missing} more approval(s) by ${terms.approvers.join(' or ') || 'its requester, through a client that can ask its user,'}`,
    `until ${request.expiresAt.toISOString()}`,
    ...(url === undefined ? [] : [`at ${url}`]),
  ].join(' ')
}

function commandText({ action }: Call): string {
  return action.kind === 'run' ? action.command : actionText(action)
}

/** Whatever needs approval names a host. */
function hostOfCall({ action }: Call): HostName {
  const [host] = hostsOf(action)
  if (host === undefined) throw new TypeError(`${action.kind} names no host`)
  return host
}
