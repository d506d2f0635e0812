import type { Call } from '../../domain/call.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted, SessionSummary } from '../../domain/outcome.ts'
import { principalKey } from '../../domain/principal.ts'
import type { TerminalReading, TerminalSize, UseTerminalAction } from '../../domain/terminal.ts'
import type { RecordTerminal } from '../../domain/terminal-tape.ts'
import type { Clock } from '../../lib/clock.ts'
import { openChannel } from '../pool/open-channel.ts'
import type { Pool } from '../pool/pool.ts'
import { closed, notConfigured, routeTo } from '../pool/route.ts'
import { terminalOpening } from '../run/attribution.ts'
import { refusalOfOneMore, type SessionLimits, tooMany } from '../session/session-limit.ts'
import type { Connection } from '../transport/transport.ts'
import { EmulatorTime } from './emulator-time.ts'
import { hangUpAndKill } from './end-at-once.ts'
import { LiveTerminal } from './live-terminal.ts'
import { noSuchTerminal, notAllowed } from './refusals.ts'
import { type OwnedTerminal, TerminalBook, terminalSummary } from './terminal-book.ts'
import { readingOf, useTerminal } from './use-terminal.ts'

export interface TerminalsOptions {
  readonly pool: Pool
  readonly clock: Clock
  readonly log: Log
  readonly limits: SessionLimits
  /** The hosts as configured now. */
  readonly find: (host: HostName) => HostTarget | undefined
  /** Begins a recording where one is to be made, or says why the terminal must not be opened. */
  readonly record?: RecordTerminal
  /** Shell sessions of the owner on the host: they are counted together. */
  readonly otherSessions: (owner: string, host: HostName) => Promise<number>
}

/** What the memory of the screens is bounded by, at 2 to 8 MB each: those of one principal, and of all together. */
const MOST_OF_ONE = 20
const MOST_TERMINALS = 100

/** How long a new terminal is given to show its prompt. */
const FIRST_WAIT = { quietMs: 300, waitMs: 10_000, watch: undefined, untilPrompt: true } as const

/**
 * The live terminals of all principals. Each is a PTY on a channel of its own; it ends with its shell, its connection, after
 * `idleTimeoutMs` without use, when its host or its owner may not have it any more, and with the bridge.
 */
export class Terminals {
  readonly #options: TerminalsOptions
  readonly #book = new TerminalBook()
  readonly #time: EmulatorTime
  #limits: SessionLimits
  #isClosed = false

  constructor(options: TerminalsOptions) {
    this.#options = options
    this.#time = new EmulatorTime(options.clock)
    this.#limits = options.limits
  }

  /** Aborting `signal` ends it again: nobody knows its handle then. */
  async open(
    call: Call,
    target: HostTarget,
    size: TerminalSize,
    signal: AbortSignal,
  ): Promise<TerminalReading | NotStarted> {
    const [owner, host] = [principalKey(call.principal), target.host.name]
    if (!target.host.allowsTerminal) return notAllowed(host)
    this.sweep()
    const refused = this.#isFull(owner, host, await this.#options.otherSessions(owner, host))
    if (refused !== undefined) return refused
    const giveBack = this.#book.reserve(owner, host)
    try {
      const terminal = await this.#open(call, target, size, signal)
      if ('kind' in terminal) return terminal
      const waited = await terminal.live.wait(FIRST_WAIT, signal)
      if (waited === 'cancelled') this.#end(terminal, 'the call that opened it was given up')
      return readingOf(terminal, waited, 'screen')
    } finally {
      giveBack()
    }
  }

  async use(
    owner: string,
    action: UseTerminalAction,
    signal: AbortSignal,
  ): Promise<TerminalReading | NotStarted> {
    this.sweep()
    const terminal = this.#book.find(owner, action.host, action.session)
    if (terminal === undefined) return noSuchTerminal(action.host)
    const reading = await useTerminal(terminal, action, this.#book, this.#options.clock, signal)
    // Whoever has seen the end of it needs it no more.
    if (!('kind' in reading) && !reading.isAlive && reading.unreadLines === 0) this.#forget(terminal)
    return reading
  }

  holds(owner: string, id: string): boolean {
    return this.#book.holds(owner, id)
  }

  close(owner: string, host: HostName, id: string): boolean | NotStarted {
    const terminal = this.#book.find(owner, host, id)
    if (terminal === undefined) return noSuchTerminal(host)
    this.#end(terminal, 'it was closed')
    return true
  }

  /** The owner's own, oldest first. */
  list(owner: string): readonly SessionSummary[] {
    this.sweep()
    return this.#book
      .all()
      .filter((terminal) => terminal.owner === owner)
      .map(terminalSummary)
  }

  /** Of all owners, live ones. */
  get countOfAll(): number {
    return this.live.length
  }

  get live(): readonly OwnedTerminal[] {
    return this.#book.all().filter(({ live }) => live.end === undefined)
  }

  count(owner: string, host: HostName): number {
    return this.#book.countLive(owner, host)
  }

  /** Ends those that nobody used for `idleTimeoutMs`. One that a call waits at is in use. */
  sweep(): void {
    const limitMs = this.#options.clock.now().getTime() - this.#limits.idleTimeoutMs
    const isIdle = ({ turns, lastUsedAt }: OwnedTerminal) => !turns.isBusy && lastUsedAt.getTime() <= limitMs
    this.#endAll(isIdle, 'nobody used it')
  }

  /** Ends those that may not go on, by the call that opened them. How many they were. */
  endWhere(isOver: (call: Call) => boolean, why: string): number {
    return this.#endAll(({ call }) => isOver(call), why)
  }

  /** The same, and what goes on in them without a terminal is killed. Resolves when that is over. */
  async lockOut(isOver: (call: Call) => boolean): Promise<void> {
    const over = this.#book.all().filter(({ call }) => isOver(call))
    const connections = [...new Set(over.map(({ live }) => live.connection))]
    await Promise.all(
      connections.map(async (connection) => {
        const terminals = over.filter(({ live }) => live.connection === connection)
        const hangUp = () => {
          for (const terminal of terminals) this.#end(terminal, 'it was locked')
        }
        const host = terminals[0]?.host
        // guard: locks-end-terminals
        if (connection === undefined || host === undefined) hangUp()
        else await this.#kill(host, connection, hangUp)
      }),
    )
  }

  /** After a reload: hosts may be gone, allow no terminals, or be others than before. */
  reconfigure(limits: SessionLimits): void {
    this.#limits = limits
    const { find } = this.#options
    this.#endAll(
      ({ host, route }) => !this.#isOpenTo(host) || routeTo(host, find) !== route,
      'its host changed',
    )
  }

  endEach(): void {
    this.#isClosed = true
    this.#endAll(() => true, 'the bridge stops')
  }

  #isFull(owner: string, host: HostName, others: number): NotStarted | undefined {
    if (this.#isClosed) return closed()
    const refused = refusalOfOneMore(host, others + this.#book.countLive(owner, host), this.#limits)
    if (refused !== undefined) return refused
    // Screens of terminals that have ended make room first.
    const ended = this.#book.count(owner) >= MOST_OF_ONE ? this.#book.oldestEnded(owner) : undefined
    if (ended !== undefined) this.#forget(ended)
    if (this.#book.count(owner) >= MOST_OF_ONE) return tooMany(`You hold ${MOST_OF_ONE} terminals.`)
    if (this.#book.count() >= MOST_TERMINALS)
      return tooMany(`The bridge holds ${MOST_TERMINALS} terminals of all its callers.`)
    return undefined
  }

  async #open(
    call: Call,
    target: HostTarget,
    size: TerminalSize,
    signal: AbortSignal,
  ): Promise<OwnedTerminal | NotStarted> {
    const { pool, clock, find } = this.#options
    const [owner, host] = [principalKey(call.principal), target.host.name]
    const route = routeTo(host, find)
    const tape = await this.#options.record?.(call, size)
    if (tape !== undefined && 'kind' in tape) return tape
    const live = await LiveTerminal.create(size, clock, this.#time, tape)
    const opening = terminalOpening(call, target, size)
    const onStart = live.listen.bind(live)
    const opened = await openChannel(pool, clock, { owner, host }, opening, signal, onStart)
    if ('kind' in opened) {
      live.emulator.close()
      await tape?.end({ why: 'the terminal could not be opened' })
      return opened
    }
    live.hold(opened)
    const terminal = this.#book.add({ owner, host, call, route, live, createdAt: clock.now() })
    // Meanwhile another configuration may have come into force.
    if (!this.#isClosed && this.#isOpenTo(host) && routeTo(host, find) === route) return terminal
    this.#end(terminal, 'its host changed')
    return this.#isClosed ? closed() : notConfigured(host)
  }

  #isOpenTo(host: HostName): boolean {
    return this.#options.find(host)?.host.allowsTerminal === true
  }

  #endAll(isOver: (terminal: OwnedTerminal) => boolean, why: string): number {
    const over = this.#book.all().filter(isOver)
    for (const terminal of over) this.#end(terminal, why)
    return over.length
  }

  async #kill(host: HostName, connection: Connection, hangUp: () => void): Promise<void> {
    const { clock, log, find } = this.#options
    const remote = await hangUpAndKill(connection, hangUp, clock, find(host)?.sudo)
    log.info('What ran in terminals was ended', { host, remote })
  }

  #end(terminal: OwnedTerminal, why: string): void {
    if (terminal.live.end === undefined)
      this.#options.log.info(`A terminal was ended: ${why}`, { host: terminal.host })
    terminal.live.close(why)
    this.#forget(terminal)
  }

  #forget(terminal: OwnedTerminal): void {
    this.#book.remove(terminal)
    // A call that waits at it reads the screen once more first.
    void terminal.turns.take(new AbortController().signal).then(() => terminal.live.emulator.close())
  }
}
