import type { HostName } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted, RunEnd, SessionAfter, SessionSummary } from '../../domain/outcome.ts'
import type { SessionStore } from '../../domain/session.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RunChannel } from '../run/channel.ts'
import type { Outlets } from '../run/into-sink.ts'
import { type Session, SessionBook, summaryOf, workingDirectoryOf } from './session-book.ts'
import { callInSession, type SessionCommand, type StateAfter } from './session-call.ts'
import { refusalOfOneMore, type SessionLimits, sessionNotFound } from './session-limit.ts'

export interface SessionsOptions {
  readonly runChannel: RunChannel
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Log
  readonly limits: SessionLimits
  /** What else the owner holds on the host that counts with its sessions. */
  readonly countOthers?: (owner: string, host: HostName) => number
}

/** Whose session on which host: by its handle, else the owner's default one there. */
export interface SessionAddress {
  /** `principalKey` of who asks. */
  readonly owner: string
  readonly host: HostName
  readonly session?: string
}

export type SessionRun =
  | {
      readonly kind: 'ended'
      readonly end: RunEnd
      readonly hostKey?: string
      readonly durationMs: number
      readonly session: SessionAfter
    }
  | NotStarted

/** For a question to the host that the caller did not phrase; answered at once or never. */
const QUESTION_TIMEOUT_MS = 15_000

/**
 * The shell sessions of all principals. Each call is a fresh channel that restores the session's state, runs, and brings the new
 * state back; the state is in the store before the answer is given. Calls of one session wait for each other, those of different
 * sessions do not.
 */
export class Sessions {
  readonly #book: SessionBook
  readonly #runChannel: RunChannel
  readonly #clock: Clock
  readonly #countOthers: (owner: string, host: HostName) => number
  #limits: SessionLimits

  constructor({ runChannel, store, clock, log, limits, countOthers = () => 0 }: SessionsOptions) {
    this.#book = new SessionBook(store, log)
    this.#runChannel = runChannel
    this.#clock = clock
    this.#limits = limits
    this.#countOthers = countOthers
  }

  /** Runs one command in the session. The default session is made at its first use. */
  async run(
    address: SessionAddress,
    command: SessionCommand,
    outlets: Outlets,
    signal: AbortSignal,
  ): Promise<SessionRun> {
    const session = await this.#enter(address)
    return isSession(session) ? this.#runIn(session, command, outlets, signal, 1) : session
  }

  /** A new session, or the owner's own of that name: another client of the same person continues it. */
  async open(
    address: { readonly owner: string; readonly host: HostName; readonly name?: string },
    prepare: string,
    signal: AbortSignal,
  ): Promise<SessionSummary | NotStarted> {
    await this.#sweepAfterLoad()
    const { owner, host, name } = address
    const session =
      (name !== undefined && this.#book.named(owner, host, name)) || this.#add(owner, host, name)
    if (!isSession(session)) return session
    const failed = await this.#ask(session, prepare, signal)
    if (failed) return failed
    session.lastUsedAt = this.#clock.now()
    await this.#book.save(session)
    return summaryOf(session)
  }

  /** Where the session stands. From the saved state; a session without one asks the host once. */
  async workingDirectory(
    address: SessionAddress,
    prepare: string,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly session: string } | NotStarted> {
    const session = await this.#enter(address)
    if (!isSession(session)) return session
    const failed = await this.#ask(session, prepare, signal)
    return failed ?? { path: workingDirectoryOf(session), session: session.id }
  }

  /** The state that a command in the session would begin with; of one that has none yet, and of none, that there is none. */
  async stateOf({ owner, host, session: id }: SessionAddress): Promise<string> {
    await this.#sweepAfterLoad()
    const session =
      id === undefined ? this.#book.named(owner, host, undefined) : this.#book.find(owner, host, id)
    return JSON.stringify(session?.state ?? null)
  }

  /** True when there was one. A command that runs in it goes on; its state is not kept. */
  async close(address: SessionAddress): Promise<boolean | NotStarted> {
    await this.#sweepAfterLoad()
    const { owner, host, session: id } = address
    const session =
      id === undefined ? this.#book.named(owner, host, undefined) : this.#book.find(owner, host, id)
    if (session === undefined) return id === undefined ? false : sessionNotFound(host)
    await this.#book.remove(session)
    return true
  }

  /** The owner's own, oldest first. */
  async list(owner: string): Promise<readonly SessionSummary[]> {
    await this.#sweepAfterLoad()
    return this.#book.of(owner).map(summaryOf)
  }

  /** Ends the sessions that nobody used for `idleTimeoutMs`. A running one is in use. */
  async sweep(): Promise<void> {
    const limitMs = this.#clock.now().getTime() - this.#limits.idleTimeoutMs
    await this.#removeWhere((session) => !session.turns.isBusy && session.lastUsedAt.getTime() <= limitMs)
  }

  /** After a reload: sessions on hosts that are gone, or that keep no sessions now, end. */
  async keepOnly(mayStay: (host: HostName) => boolean): Promise<void> {
    await this.#book.load()
    await this.#removeWhere((session) => !mayStay(session.host))
  }

  changeLimits(limits: SessionLimits): void {
    this.#limits = limits
  }

  async #enter({ owner, host, session: id }: SessionAddress): Promise<Session | NotStarted> {
    await this.#sweepAfterLoad()
    if (id !== undefined) return this.#book.find(owner, host, id) ?? sessionNotFound(host)
    return this.#book.named(owner, host, undefined) ?? this.#add(owner, host, undefined)
  }

  #add(owner: string, host: HostName, name: string | undefined): Session | NotStarted {
    const held = this.#book.of(owner, host).length + this.#countOthers(owner, host)
    const refused = refusalOfOneMore(host, held, this.#limits)
    if (refused !== undefined) return refused
    return this.#book.add(owner, host, name, this.#clock.now())
  }

  /** Makes sure that the session has a state, by running nothing in it. Undefined: it has one. */
  async #ask(session: Session, prepare: string, signal: AbortSignal): Promise<NotStarted | undefined> {
    if (session.state !== undefined) return undefined
    const nothing = { command: ':', timeoutMs: QUESTION_TIMEOUT_MS, prepare }
    const silent = { onStdout: () => {}, onStderr: () => {} }
    const run = await this.#runIn(session, nothing, silent, signal, 0)
    if (run.kind === 'not_started') return run
    if (session.state !== undefined) return undefined
    if (!session.turns.isBusy) await this.#book.remove(session)
    const message = `The shell on ${session.host} did not say where it stands: ${run.session.reason ?? run.end.how}.`
    return { kind: 'not_started', code: 'host_unreachable', message }
  }

  async #runIn(
    session: Session,
    command: SessionCommand,
    outlets: Outlets,
    signal: AbortSignal,
    counts: 0 | 1,
  ): Promise<SessionRun> {
    const turn = await session.turns.take(signal).catch(() => undefined)
    if (turn === undefined) return neverStarted(session)
    try {
      if (!this.#book.has(session)) return sessionNotFound(session.host)
      const where = { owner: session.owner, host: session.host, runChannel: this.#runChannel }
      const result = await callInSession(where, command, session.state, outlets, signal)
      session.lastUsedAt = this.#clock.now()
      if (result.kind === 'not_started') {
        // Made for this call, and nothing came of it; whoever waits may have more luck in it.
        if (session.state === undefined && !session.turns.isAwaited) await this.#book.remove(session)
        return result
      }
      session.commands += counts
      const after = await this.#keep(session, result.after, outlets)
      const { end, hostKey, durationMs } = result
      return { kind: 'ended', end, hostKey, durationMs, session: after }
    } finally {
      turn()
    }
  }

  /** Takes the new state over, on disk before anyone is told. */
  async #keep(session: Session, after: StateAfter, outlets: Outlets): Promise<SessionAfter> {
    if (after.kind === 'saved') {
      session.state = after.state
      session.shell = after.shell
    }
    const isDurable = await this.#book.save(session)
    if (after.kind === 'begin_anew') {
      session.state = undefined
      const told = `${after.reason}; the command was not run, and the session begins anew with the next call`
      outlets.onStderr(Buffer.from(`ssh-mcp-bridge: ${told}\n`))
      return { ...place(session), state: 'kept', reason: told }
    }
    if (after.kind === 'kept') return { ...place(session), state: 'kept', reason: after.reason }
    const lost = { reason: 'it could not be written to disk, so it ends when the bridge does' }
    return { ...place(session), state: 'saved', ...(!isDurable && lost) }
  }

  async #sweepAfterLoad(): Promise<void> {
    await this.#book.load()
    await this.sweep()
  }

  async #removeWhere(isOver: (session: Session) => boolean): Promise<void> {
    await Promise.all(
      this.#book
        .all()
        .filter(isOver)
        .map((session) => this.#book.remove(session)),
    )
  }
}

function place(session: Session): { id: string; workingDirectory: string } {
  return { id: session.id, workingDirectory: workingDirectoryOf(session) }
}

function isSession(value: Session | NotStarted): value is Session {
  return !('kind' in value)
}

function neverStarted(session: Session): SessionRun {
  const reason = 'the command was not started: the session was still busy with an earlier one'
  return {
    kind: 'ended',
    end: { how: 'cancelled', remote: { state: 'unknown', reason } },
    durationMs: 0,
    session: { ...place(session), state: 'kept', reason },
  }
}
