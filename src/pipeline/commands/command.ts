import type { Call, RunAction } from '../../domain/call.ts'
import { type CommandId, type CommandState, type CommandSummary, commandIdOf } from '../../domain/command.ts'
import type { CommandRecord } from '../../domain/command-record.ts'
import type { NotStarted, RunEnd, RunOutcome } from '../../domain/outcome.ts'
import { principalKey } from '../../domain/principal.ts'
import type { CommandOutput } from './command-output.ts'

export type RunCall = Call & { readonly action: RunAction }

export function isRunCall(call: Call): call is RunCall {
  return call.action.kind === 'run'
}

/** A command of one principal: what was asked, how it stands, its output, and the way to end it. */
export class Command {
  readonly id: CommandId
  readonly owner: string
  readonly call: RunCall
  readonly rule: string
  readonly startedAt: Date
  readonly output: CommandOutput
  /** Resolves when it has ended and its end is on record. */
  readonly ended: Promise<void>
  /** Whether it is to be there after a restart. */
  isKept = false
  /** The caller was told that it goes on. */
  isHandedBack = false
  #ended: CommandRecord['ended']
  #tellEnded: () => void = () => {}
  readonly #life: AbortController

  /** Aborting `life` ends it: its caller, a change of rules, a shutdown. */
  constructor(call: RunCall, rule: string, startedAt: Date, output: CommandOutput, life: AbortController) {
    this.id = commandIdOf(call)
    this.owner = principalKey(call.principal)
    this.call = call
    this.rule = rule
    this.startedAt = startedAt
    this.output = output
    this.#life = life
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve
    })
  }

  get state(): CommandState {
    return this.#ended === undefined
      ? this.output.isBegun
        ? 'running'
        : 'queued'
      : stateOf(this.#ended.outcome)
  }

  get isOver(): boolean {
    return this.#ended !== undefined
  }

  get outcome(): RunOutcome | NotStarted | undefined {
    return this.#ended?.outcome
  }

  get endedAt(): Date | undefined {
    return this.#ended?.at
  }

  get isDetached(): boolean {
    return this.call.action.detached === true
  }

  /** Asks for its end; what became of its processes is in the outcome. */
  end(reason: 'cancelled'): void {
    this.#life.abort(reason)
  }

  hasEnded(at: Date, outcome: RunOutcome | NotStarted): void {
    this.#ended = { at, outcome }
  }

  /** The end is on record: whoever waits may know. */
  tellEnded(): void {
    this.#tellEnded()
  }

  record(): CommandRecord {
    const { id, call, rule, startedAt } = this
    return { id, call, rule, startedAt, ...(this.#ended && { ended: this.#ended }) }
  }

  summary(): CommandSummary {
    const { id, call, state, startedAt, endedAt } = this
    const { host, command } = call.action
    const detached = this.isDetached
    return { id, host, command, state, detached, startedAt, ...(endedAt && { endedAt }) }
  }
}

function stateOf(outcome: RunOutcome | NotStarted): CommandState {
  return outcome.kind === 'not_started' ? 'failed' : stateOfEnd(outcome.end)
}

export function stateOfEnd({ how }: RunEnd): CommandState {
  return how === 'exited' || how === 'killed' ? 'completed' : how
}

/** Of a command that another instance has: what is under way there may be queued still. */
export function summaryOf({ id, call, startedAt, ended }: CommandRecord): readonly CommandSummary[] {
  if (!isRunCall(call)) return []
  const { host, command, detached = false } = call.action
  const state = ended === undefined ? 'running' : stateOf(ended.outcome)
  return [{ id, host, command, state, detached, startedAt, ...(ended && { endedAt: ended.at }) }]
}
