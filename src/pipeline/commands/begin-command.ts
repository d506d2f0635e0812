import type { Answer } from '../../domain/answer.ts'
import type { NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { Permit } from '../../domain/permit.ts'
import { auditResult } from '../audit-result.ts'
import type { Bridge, Stage } from '../bridge.ts'
import { digestsForRecord } from '../output-digests.ts'
import { answerOfFaster } from '../peers.ts'
import { rememberDefect, rememberEnd, staged } from '../records.ts'
import type { Command, RunCall } from './command.ts'
import { commandAnswer, repeatAnswer } from './command-answer.ts'
import { runCommand } from './run-command.ts'

export interface Beginning {
  /** Writes what was decided, and, where something may be started, that it is. */
  readonly begun: (mayStart: boolean) => Promise<unknown>
  readonly life: AbortController
  readonly signal: AbortSignal
  readonly startedMs: number
  /** Its caller waits for the answer; otherwise it is to be there for whoever asks later, also after a restart. */
  readonly isAwaited: boolean
}

const WITHHELD =
  'The command was run, but how it ended could not be written to the audit log, so its answer is withheld. Do not repeat it blindly.'

/** A permitted command from its beginning to its end; or, with an idempotency key that is known, the command that it began before. */
export async function beginCommand(
  call: RunCall,
  permit: Permit,
  bridge: Bridge,
  { begun, life, signal, startedMs, isAwaited }: Beginning,
): Promise<Answer> {
  const { commands, clock } = bridge
  const tookMs = () => clock.monotonicMs() - startedMs
  const refuse = async (refused: NotStarted): Promise<Answer> => {
    await begun(false)
    await rememberEnd(permit, bridge, auditResult(refused, tookMs()), refused.message)
    return { kind: 'failed', code: refused.code, message: refused.message }
  }

  if (call.action.idempotencyKey !== undefined) await commands.loaded
  const earlier = commands.repeated(call)
  if (earlier?.isSame === false) return refuse(otherRequest(call))
  if (earlier !== undefined) {
    await begun(false)
    const answer = await repeatAnswer(earlier.command, call, bridge, signal)
    const result = {
      status: 'completed',
      repeats: earlier.command.id,
      durationMs: Math.round(tookMs()),
    } as const
    await rememberEnd(permit, bridge, result, 'The earlier command could not be recorded as answered.')
    return answer
  }

  // The key is taken from here on: whoever comes with the same in this moment gets this command.
  const command = commands.add(call, permit.rule, life)
  if ('tooMany' in command) return refuse(tooMany(command.tooMany))
  if (!isAwaited) {
    command.isHandedBack = true
    command.isKept = true
  }
  const keeping = command.isKept ? commands.keep(command).catch(() => 'not_kept' as const) : 'saved'
  try {
    await begun(true)
    staged(bridge, call, 'audit', startedMs)
  } catch (cause) {
    notBegun(command, NOT_RECORDED, bridge)
    throw cause
  }
  const kept = await keeping
  if (kept !== 'saved') {
    const why = kept === 'key_in_use' ? runsElsewhere(call) : NOT_KEPT
    notBegun(command, why, bridge)
    await rememberEnd(permit, bridge, auditResult(why, tookMs()), why.message)
    const answer = kept === 'key_in_use' ? await answerOfFaster(call, bridge, signal) : undefined
    return answer ?? { kind: 'failed', code: why.code, message: why.message }
  }
  return live(command, permit, 'begin', bridge, { signal, startedMs })
}

/** Whoever came with its key meanwhile, or waits for it, is told so too. */
function notBegun(command: Command, why: NotStarted, { commands, clock }: Bridge): void {
  commands.drop(command)
  command.hasEnded(clock.now(), why)
  command.tellEnded()
}

/** Runs the command, or takes a detached one up again, until it has ended and its end is on record. */
export async function live(
  command: Command,
  permit: Permit,
  how: 'begin' | 'resume',
  bridge: Bridge,
  { signal, startedMs }: Pick<Beginning, 'signal' | 'startedMs'>,
): Promise<Answer> {
  const { clock } = bridge
  const { call } = command
  let sinceMs = clock.monotonicMs()
  const over = (stage: Stage) => {
    sinceMs = staged(bridge, call, stage, sinceMs)
  }
  const connected = () => over('connect')
  try {
    const outcome = await runCommand(command, permit, how, bridge, signal, connected).catch(
      (defect: unknown) => rememberDefect(permit, bridge, startedMs, defect),
    )
    // The bridge stops, the command does not: the next process takes it up and records its end.
    if (outcome.kind === 'left_running') return await commandAnswer(command, bridge)
    over('run')
    await command.output.settled()
    const answer = await commandAnswer(command, bridge, outcome)
    over('shape')
    const result = {
      ...auditResult(outcome, clock.monotonicMs() - startedMs),
      ...(outcome.kind === 'ran' && { outputBytes: command.output.total('output') }),
      ...digestsForRecord(answer),
    }
    await rememberEnd(permit, bridge, result, WITHHELD)
    over('record')
    await settle(command, outcome, bridge)
    return answer
  } catch (cause) {
    if (!command.isOver) await settle(command, endUnknown(command), bridge).catch(() => undefined)
    throw cause
  } finally {
    command.tellEnded()
  }
}

async function settle(command: Command, outcome: RunOutcome | NotStarted, bridge: Bridge): Promise<void> {
  command.hasEnded(bridge.clock.now(), outcome)
  await bridge.commands.settle(command)
}

/** Its end could not be recorded, or a defect hid it: nobody may take it for one that did not run. */
function endUnknown({ call }: Command): RunOutcome {
  const { host, command } = call.action
  const reason = 'the bridge lost sight of it; see its log'
  return { kind: 'ran', host, command, end: { how: 'unknown', reason }, durationMs: 0 }
}

const NOT_RECORDED: NotStarted = {
  kind: 'not_started',
  code: 'audit_unavailable',
  message: 'The audit log cannot be written, so nothing was run. It resumes by itself once it can.',
}

const NOT_KEPT: NotStarted = {
  kind: 'not_started',
  code: 'audit_unavailable',
  message:
    'The command could not be written to the database of the bridge, which it must be before it is begun. Nothing was run; try again once it can be.',
}

function otherRequest({ action }: RunCall): NotStarted {
  const message = `The idempotency key ${JSON.stringify(action.idempotencyKey)} belongs to another command of yours. Take a new key for a new command; nothing was run.`
  return { kind: 'not_started', code: 'idempotency_conflict', message }
}

/** The command that holds the key belongs to another instance of the bridge: it is never run twice, whatever becomes of it there. */
function runsElsewhere({ action }: RunCall): NotStarted {
  const message = `The idempotency key ${JSON.stringify(action.idempotencyKey)} is held by a command of yours that another instance of the bridge has just begun. Nothing was run a second time. Ask again with the same key: its result is given then.`
  return { kind: 'not_started', code: 'idempotency_conflict', message }
}

function tooMany(most: number): NotStarted {
  const message = `You have ${most} commands running in the background, which is the limit. Wait for one or cancel one; get_session_stats lists them. Nothing was run.`
  return { kind: 'not_started', code: 'rate_limited', message }
}
