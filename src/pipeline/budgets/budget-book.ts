import type { Answer } from '../../domain/answer.ts'
import type { BudgetStore, SharedBudgetStore } from '../../domain/budget.ts'
import { type Call, hostsOf } from '../../domain/call.ts'
import type { Decision, DenyReason } from '../../domain/decision.ts'
import type { Log } from '../../domain/log.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import { type Budget, givesOutput, holderOf, isDestructive } from '../../policy/budget.ts'
import type { Person } from '../../policy/rule-set.ts'
import { KeptCounts } from './kept-counts.ts'
import { outputBytes } from './output-bytes.ts'
import { SharedUse } from './shared-use.ts'

export interface BudgetOptions {
  /** Asked each time: a reload replaces them. */
  readonly budgets: () => readonly Budget[]
  readonly people: () => readonly Person[]
  readonly store: BudgetStore
  readonly shared: SharedBudgetStore
  readonly clock: Clock
  readonly log: Log
}

/** Nobody knows when a command ends. */
const PLACE_AGAIN_MS = 5_000

/**
 * What people and clients have used of their budgets. A call is refused when one of the budgets that it belongs to is used up, and costs
 * nothing then. What one call for many hosts begins is counted host by host.
 */
export class BudgetBook {
  readonly #options: BudgetOptions
  readonly #shared: SharedUse
  readonly #kept: KeptCounts

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#shared = new SharedUse(options)
    this.#kept = new KeptCounts(options)
  }

  /** Resolves once it is known what was used before: nobody is counted for before. */
  async load(): Promise<void> {
    await Promise.all([this.#kept.load(), this.#shared.look()])
  }

  /** What other instances use counts here too, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { budgets } = this.#options
    await Promise.all([
      this.#kept.follow(() => budgets().length > 0, signal),
      this.#shared.follow(() => budgets().some(isShared), signal),
    ])
  }

  /** Why not; of several budgets that are used up the one that takes longest. Undefined takes a call of those of a minute. */
  refuses(call: Call, decision: Decision): DenyReason | undefined {
    const own = this.#of(call.principal)
    let longest: { retryAfterMs: number; budget: string } | undefined
    for (const { budget, key } of own)
      for (const { what, waitMs } of this.#used(budget, key, call, decision))
        if (waitMs > (longest?.retryAfterMs ?? 0))
          longest = { retryAfterMs: waitMs, budget: inWords(budget, what) }
    // guard: budgets-refuse
    if (longest !== undefined) return { code: 'rate_limited', ...longest }
    for (const { budget, key } of own)
      if (budget.callsPerMinute !== undefined && call.parent === undefined)
        this.#shared.calls.add(key, budget.callsPerMinute, this.#options.clock.monotonicMs())
    return undefined
  }

  /** What a call costs that is carried out. A command holds its place until `hasEnded`. */
  spend(call: Call, decision: Decision): void {
    if (call.action.kind === 'run') this.holdPlace(call)
    const isOne = isDestructive(call, decision)
    for (const { budget, key } of this.#of(call.principal)) {
      if (budget.distinctHostsPerHour !== undefined)
        this.#shared.hosts.add(key, hostsOf(call.action), this.#options.clock.monotonicMs())
      if (budget.destructiveActionsPerDay !== undefined && isOne) this.#kept.add('destructive', key, 1)
    }
  }

  /** For a command that is carried out, also one of before a restart. */
  holdPlace({ id, principal }: Pick<Call, 'id' | 'principal'>): void {
    const limited = this.#of(principal).filter(({ budget }) => budget.concurrentCommands !== undefined)
    this.#shared.places.take(
      id,
      limited.map(({ key }) => key),
    )
  }

  hasEnded({ id }: Pick<Call, 'id'>): void {
    this.#shared.places.giveBack(id)
  }

  hasTurn(principal: Principal): boolean {
    return this.#of(principal).every(
      ({ budget, key }) =>
        this.#shared.places.taken(key) < (budget.concurrentCommands ?? Number.POSITIVE_INFINITY),
    )
  }

  /**
   * Resolves when one more command may begin, or the signal has aborted: many hosts of one call wait for each other. The place is kept
   * until it is given back, in the same turn in which the command begins.
   */
  async turn(principal: Principal, signal: AbortSignal): Promise<() => void> {
    while (!this.hasTurn(principal) && !signal.aborted) await this.#shared.places.news(signal)
    const place = { id: randomId('turn'), principal }
    if (!signal.aborted) this.holdPlace(place)
    return () => this.hasEnded(place)
  }

  /** Counts what an answer gives away. What is given on behalf of another call is given with that one's answer. */
  gave({ principal, parent }: Pick<Call, 'principal' | 'parent'>, answer: Answer): void {
    if (parent === undefined && this.#options.budgets().length > 0)
      this.gaveBytes(principal, outputBytes(answer))
  }

  gaveBytes(principal: Principal, bytes: number): void {
    for (const { budget, key } of this.#of(principal)) {
      if (budget.outputBytesPerHour !== undefined) this.#kept.add('output_hour', key, bytes)
      if (budget.outputBytesPerDay !== undefined) this.#kept.add('output_day', key, bytes)
    }
  }

  /** Resolves when all that must outlive the process is written, or cannot be. */
  async close(): Promise<void> {
    await Promise.all([this.#kept.flush(), this.#shared.tell().catch(() => undefined)])
  }

  #of(principal: Principal): { readonly budget: Budget; readonly key: string }[] {
    const people = this.#options.people()
    return this.#options.budgets().flatMap((budget) => {
      const holder = holderOf(budget, principal, people)
      return holder === undefined ? [] : [{ budget, key: `${budget.name}\n${holder}` }]
    })
  }

  *#used(
    budget: Budget,
    key: string,
    call: Call,
    decision: Decision,
  ): Generator<{ what: Limit; waitMs: number }> {
    const nowMs = this.#options.clock.monotonicMs()
    const { callsPerMinute, concurrentCommands, distinctHostsPerHour } = budget
    if (callsPerMinute !== undefined && call.parent === undefined)
      yield { what: 'callsPerMinute', waitMs: this.#shared.calls.waitMs(key, callsPerMinute, nowMs) }
    if (concurrentCommands !== undefined && call.action.kind === 'run') {
      const isFull = this.#shared.places.taken(key) >= concurrentCommands
      yield { what: 'concurrentCommands', waitMs: isFull ? PLACE_AGAIN_MS : 0 }
    }
    if (distinctHostsPerHour !== undefined) {
      const hosts = hostsOf(call.action)
      if (hosts.length > 0)
        yield {
          what: 'distinctHostsPerHour',
          waitMs: this.#shared.hosts.waitMs(key, hosts, distinctHostsPerHour, nowMs),
        }
    }
    for (const [what, counter] of KEPT) {
      const limit = budget[what]
      const isMeant = counter === 'destructive' ? isDestructive(call, decision) : givesOutput(call.action)
      if (limit !== undefined && isMeant) yield { what, waitMs: this.#kept.waitMs(counter, key, limit) }
    }
  }
}

function isShared({ callsPerMinute, concurrentCommands, distinctHostsPerHour }: Budget): boolean {
  return (callsPerMinute ?? concurrentCommands ?? distinctHostsPerHour) !== undefined
}

type Limit = Exclude<keyof Budget, 'name' | 'roles' | 'per'>

const KEPT = [
  ['destructiveActionsPerDay', 'destructive'],
  ['outputBytesPerHour', 'output_hour'],
  ['outputBytesPerDay', 'output_day'],
] as const

const WORDS: { readonly [L in Limit]-?: (limit: number) => string } = {
  callsPerMinute: (limit) => `${limit} calls a minute`,
  concurrentCommands: (limit) => `${limit} commands at the same time`,
  distinctHostsPerHour: (limit) => `${limit} distinct hosts an hour`,
  destructiveActionsPerDay: (limit) => `${limit} actions a day that may change something`,
  outputBytesPerHour: (limit) => `${limit} bytes of output an hour`,
  outputBytesPerDay: (limit) => `${limit} bytes of output a day`,
}

function inWords(budget: Budget, what: Limit): string {
  return `The budget ${budget.name} of ${WORDS[what](budget[what] ?? 0)} for each ${budget.per} is used up`
}
