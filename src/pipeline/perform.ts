import type { Answer } from '../domain/answer.ts'
import type { ApprovalRequest } from '../domain/approval-record.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { type Approval, Permit } from '../domain/permit.ts'
import { NOBODY, type Progress } from '../domain/progress.ts'
import { askApproval } from './approvals/ask-approval.ts'
import { type NotAnyMore, whyNotAnyMore } from './approvals/carry-out-approved.ts'
import { auditResult } from './audit-result.ts'
import type { Bridge } from './bridge.ts'
import { carryOut } from './carry-out.ts'
import { beginCommand } from './commands/begin-command.ts'
import { isRunCall } from './commands/command.ts'
import { untilHandedBack } from './commands/hand-back.ts'
import { decideNow } from './decide-now.ts'
import { holdsWhatIsNamed, mayBeElsewhere, performElsewhere } from './peers.ts'
import { remember, rememberDefect, rememberEnd, staged, told } from './records.ts'
import { redactorFor } from './secrets/redactor-for.ts'
import { shape } from './shape.ts'
import { noteTaint } from './taint/note-taint.ts'

/**
 * The one way from a call to its answer: remember it, decide it, mint the permit, carry it out, shape the answer, remember how it
 * ended. Each record is durable before the next step happens. A command has a life of its own: it is waited for as long as its call
 * says, then the answer is that it runs.
 *
 * Aborting `signal` ends the remote command, unless that was begun to outlive its caller; the answer then says what is known about it.
 * Rejects with `BridgeError` only when the audit log cannot be written: nothing was run then, or the message says that it was.
 */
export function perform(
  call: Call,
  bridge: Bridge,
  signal: AbortSignal,
  progress: Progress = NOBODY,
): Promise<Answer> {
  const here = () => performHere(call, bridge, signal, progress)
  return mayBeElsewhere(call, bridge) ? performElsewhere(call, bridge, signal, here) : here()
}

function performHere(call: Call, bridge: Bridge, signal: AbortSignal, progress: Progress): Promise<Answer> {
  // Tracked from the first record to the last: a change of rules reaches every call, and whoever waits for the running calls may
  // close the audit afterwards.
  const noted = async (answer: Answer) => {
    bridge.budgets.gave(call, answer)
    return withReceipt(call, await noteTaint(call, answer, bridge), bridge)
  }
  if (isRunCall(call))
    return untilHandedBack(call, bridge, signal, {
      walk: (life) => walk(call, bridge, life.signal, progress, life),
      noted,
    })
  return bridge.running.track(call, signal, (ended) => walk(call, bridge, ended, progress).then(noted))
}

async function walk(
  call: Call,
  bridge: Bridge,
  signal: AbortSignal,
  progress: Progress,
  life = new AbortController(),
): Promise<Answer> {
  const { clock } = bridge
  const startedMs = clock.monotonicMs()
  // Nothing is done about a call before it is on record. Deciding does nothing: its records share one trip to the disk.
  const received = remember(bridge, { type: 'call.received', at: clock.now(), call })
  // Awaited below with the records that follow; until then a failure must not count as one that nobody looks at.
  received.catch(() => undefined)
  const ruled = authorize(call, bridge)
  const granted =
    ruled.verdict === 'approve' ? await bridge.approvals.grants.approvalFor(call, ruled) : undefined
  // In the turn in which it begins: of calls that come at once, each is counted by the next.
  const decision = withinBudgets(call, ruled, bridge)
  staged(bridge, call, 'decide', startedMs)
  const decided = { type: 'call.decided', at: clock.now(), call, decision } as const
  if (decision.verdict === 'deny') {
    await Promise.all([received, remember(bridge, decided)])
    return told(call, { kind: 'denied', reason: decision.reason }, bridge, startedMs)
  }

  const begin = { received, decided, decision, signal, progress, life, startedMs, isAwaited: true }
  if (decision.verdict === 'allow') return carryOn(Permit.for(call, decision), undefined, bridge, begin)

  if (granted !== undefined) {
    const permit = Permit.for(call, decision, granted)
    return bridge.approvals.covering(call, () => carryOn(permit, granted, bridge, begin))
  }
  await Promise.all([received, remember(bridge, decided)])
  return told(call, await askApproval(call, decision, bridge, signal), bridge, startedMs)
}

/** A call that another instance has carried here for what it names: undefined when that is not here, and then nothing was done. */
export async function performCarried(
  call: Call,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  return holdsWhatIsNamed(call, bridge) ? performHere(call, bridge, signal, NOBODY) : undefined
}

/** Carries out, once and as it was asked, a call that has waited for people and has their yes, unless it is not what they said yes to. */
export function performApproved(
  request: ApprovalRequest,
  approval: Approval,
  bridge: Bridge,
): Promise<Answer | NotAnyMore> {
  const { call, decision } = request
  const life = new AbortController()
  const run = async () => {
    const refused = await whyNotAnyMore(request, bridge)
    if (refused !== undefined) return refused
    const permit = Permit.for(call, decision, approval)
    const startedMs = bridge.clock.monotonicMs()
    const waitedMs = bridge.clock.now().getTime() - request.requestedAt.getTime()
    staged(bridge, call, 'approval', startedMs - waitedMs)
    const begin = { decision, signal: life.signal, progress: NOBODY, life, startedMs, isAwaited: false }
    return carryOn(permit, approval, bridge, begin)
  }
  return bridge.approvals.covering(call, () => bridge.running.trackLife(call, life, run))
}

interface Begin {
  /** What is on its way to the disk already, and what was decided; of an approved call both are there since it was asked. */
  readonly received?: Promise<void>
  readonly decided?: AuditEvent
  readonly decision: Decision
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly life: AbortController
  readonly startedMs: number
  /** Its caller waits for the answer. */
  readonly isAwaited: boolean
}

/** From the permit to the answer. */
async function carryOn(
  permit: Permit,
  approval: Approval | undefined,
  bridge: Bridge,
  { received, decided, decision, signal, progress, life, startedMs, isAwaited }: Begin,
): Promise<Answer> {
  const { clock } = bridge
  const { call, rule } = permit
  // guard: budgets-are-spent
  if (!isRepeat(call, bridge)) bridge.budgets.spend(call, decision)
  const started = {
    type: 'call.started',
    at: clock.now(),
    call,
    rule,
    ...(approval && { approval }),
  } as const
  const before = decided ? [decided] : []
  if (isRunCall(call)) {
    const begun = (mayStart: boolean) =>
      Promise.all([received, remember(bridge, ...before, ...(mayStart ? [started] : []))])
    const answer = await beginCommand(call, permit, bridge, { begun, life, signal, startedMs, isAwaited })
    return told(call, answer, bridge, startedMs)
  }

  await Promise.all([received, remember(bridge, ...before, started)])
  const runMs = staged(bridge, call, 'audit', startedMs)
  const around = { perform, performApproved, progress }
  const done = await carryOut(permit, bridge, signal, around).catch((defect: unknown) =>
    rememberDefect(permit, bridge, startedMs, defect),
  )
  const shapeMs = staged(bridge, call, 'run', runMs)
  const answer = shape(done, { redactor: redactorFor(call, bridge), limits: bridge.limits })
  const recordMs = staged(bridge, call, 'shape', shapeMs)
  await rememberEnd(permit, bridge, auditResult(done, clock.monotonicMs() - startedMs), WITHHELD)
  staged(bridge, call, 'record', recordMs)
  return told(call, answer, bridge, startedMs)
}

/** What leaves is final now, so it can be signed; what goes on has nothing to sign yet. */
async function withReceipt(call: Call, answer: Answer, { receipts }: Bridge): Promise<Answer> {
  if (answer.kind !== 'ran' || answer.end.how === 'running') return answer
  const receipt = await receipts?.receiptOf(call, answer)
  return receipt === undefined ? answer : { ...answer, receipt }
}

/** The decision as it would be now: the gate first (shutting down, too many calls), then the rules and locks. */
function authorize(call: Call, bridge: Bridge): Decision {
  const closed = bridge.gate.refuses(call, bridge.clock.monotonicMs())
  return closed ? { verdict: 'deny', rule: 'limits', reason: closed } : decideNow(call, bridge)
}

/** Last: what is refused costs nothing. */
function withinBudgets(call: Call, decision: Decision, bridge: Bridge): Decision {
  if (decision.verdict === 'deny' || isRepeat(call, bridge)) return decision
  const usedUp = bridge.budgets.refuses(call, decision)
  return usedUp ? { verdict: 'deny', rule: 'budgets', reason: usedUp } : decision
}

/** Nothing is run for it: an idempotency key gives an earlier command, which was paid for. */
function isRepeat(call: Call, { commands }: Bridge): boolean {
  return isRunCall(call) && commands.repeated(call) !== undefined
}

const WITHHELD =
  'The call was carried out, but how it ended could not be written to the audit log, so its answer is withheld. Do not repeat it blindly.'
