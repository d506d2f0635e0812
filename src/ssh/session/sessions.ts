import type { HostName } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted, SessionAfter, SessionSummary } from '../../domain/outcome.ts'
import type { SavedSession, SessionPlace, SessionStore } from '../../domain/session.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RunChannel } from '../run/channel.ts'
import type { Outlets } from '../run/into-sink.ts'
import {
  type Entering,
  type Session,
  SessionBook,
  summaryOf,
  usedAfter,
  workingDirectoryOf,
} from './session-book.ts'
import { callInSession, type SessionCommand, type StateAfter } from './session-call.ts'
import { type SessionLimits, sessionNotFound } from './session-limit.ts'
import { neverStarted, placeOf, type SessionAddress, type SessionRun } from './session-run.ts'
import { TurnsByKey } from './session-turns.ts'

export interface SessionsOptions {
  readonly runChannel: RunChannel
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Log
  readonly limits: SessionLimits
  /** What else the owner holds on the host that counts with its sessions. */
  readonly countOthers?: (owner: string, host: HostName) => number
}

/** To the host, which the caller did not phrase; answered at once or never. */
const QUESTION = { command: ':', timeoutMs: 15_000 }
const SILENT: Outlets = { onStdout: () => {}, onStderr: () => {} }

/**
 * The shell sessions of all principals. Each call is a fresh channel that restores the session's state, runs, and brings the new
 * state back; the state is in the store before the answer is given, for whichever instance is asked next. Calls of one session wait for
 * each other, those of different sessions do not.
 */
export class Sessions {
  readonly #store: SessionStore
  readonly #book: SessionBook
  readonly #turns = new TurnsByKey()
  readonly #runChannel: RunChannel
  readonly #clock: Clock
  readonly #countOthers: (owner: string, host: HostName) => number
  #limits: SessionLimits

  constructor({ runChannel, store, clock, log, limits, countOthers = () => 0 }: SessionsOptions) {
    this.#store = store
    this.#book = new SessionBook(store, clock, log)
    this.#runChannel = runChannel
    this.#clock = clock
    this.#limits = limits
    this.#countOthers = countOthers
  }

  /** Runs one command in the session. The default session is made at its first use. */
  run(
    address: SessionAddress,
    command: SessionCommand,
    outlets: Outlets,
    signal: AbortSignal,
  ): Promise<SessionRun> {
    return this.#runIn(placeOf(address), command, outlets, signal, 1)
  }

  /** A new session, or the owner's own of that name: another client of the same person continues it. */
  async open(
    address: { readonly owner: string; readonly host: HostName; readonly name?: string },
    prepare: string,
    signal: AbortSignal,
  ): Promise<SessionSummary | NotStarted> {
    const { owner, host, name } = address
    const question = { ...QUESTION, prepare }
    const entering = this.#entering(address, question)
    let place: SessionPlace = address
    if (name === undefined) {
      const made = await this.#book.make({ owner, host }, entering)
      if ('kind' in made) return made
      place = { owner, host, id: made.saved.id }
      const asked = await this.#call(made, question, SILENT, signal, 0)
      if (asked.kind === 'not_started') return asked
    }
    const known = await this.#known(place, question, signal)
    if ('kind' in known) return known
    await this.#book.touch(place, entering)
    return summaryOf({ ...known, lastUsedAt: this.#clock.now() })
  }

  /** Where the session stands. From the saved state; a session without one asks the host once. */
  async workingDirectory(
    address: SessionAddress,
    prepare: string,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly session: string } | NotStarted> {
    const known = await this.#known(placeOf(address), { ...QUESTION, prepare }, signal)
    return 'kind' in known ? known : { path: known.workingDirectory, session: known.id }
  }

  /** The state that a command in the session would begin with; of one that has none yet, and of none, that there is none. */
  async stateOf(address: SessionAddress): Promise<string> {
    return (await this.#find(placeOf(address)))?.state ?? JSON.stringify(null)
  }

  /** True when there was one. A command that runs in it goes on; its state is not kept. */
  async close(address: SessionAddress): Promise<boolean | NotStarted> {
    const session = await this.#find(placeOf(address))
    const wasThere = session !== undefined && (await this.#store.remove(session.id))
    return wasThere || address.session === undefined ? wasThere : sessionNotFound(address.host)
  }

  /** The owner's own, oldest first. */
  async list(owner: string): Promise<readonly SessionSummary[]> {
    const sessions = await this.#store.list(owner, usedAfter(this.#clock.now(), this.#limits))
    return sessions.map(summaryOf)
  }

  /** Ends the sessions that nobody used for `idleTimeoutMs`. A running one is in use. */
  async sweep(): Promise<void> {
    const now = this.#clock.now()
    await this.#store.sweep(usedAfter(now, this.#limits), now)
  }

  /** After a reload: sessions on hosts that are gone, or that keep no sessions now, end. */
  keepOnly(mayStay: (host: HostName) => boolean): Promise<void> {
    return this.#store.keepOnly(mayStay)
  }

  changeLimits(limits: SessionLimits): void {
    this.#limits = limits
  }

  #find(place: SessionPlace): Promise<SavedSession | undefined> {
    return this.#store.find(place, usedAfter(this.#clock.now(), this.#limits))
  }

  /** The session once it has a state, which running nothing in it gives it. */
  async #known(
    place: SessionPlace,
    question: SessionCommand,
    signal: AbortSignal,
  ): Promise<SavedSession | NotStarted> {
    const found = await this.#find(place).catch(() => undefined)
    if (found?.state !== undefined) return found
    const run = await this.#runIn(place, question, SILENT, signal, 0)
    if (run.kind === 'not_started') return run
    const told = await this.#find(place)
    if (told?.state !== undefined) return told
    if (told !== undefined) await this.#store.remove(told.id)
    const message = `The shell on ${place.host} did not say where it stands: ${run.session.reason ?? run.end.how}.`
    return { kind: 'not_started', code: 'host_unreachable', message }
  }

  async #runIn(
    place: SessionPlace,
    command: SessionCommand,
    outlets: Outlets,
    signal: AbortSignal,
    counts: 0 | 1,
  ): Promise<SessionRun> {
    const turn = await this.#turns.take(JSON.stringify(place), signal).catch(() => undefined)
    if (turn === undefined) return this.#neverStarted(place)
    try {
      const session = await this.#book.enter(place, this.#entering(place, command), signal)
      if (session === 'late') return this.#neverStarted(place)
      return 'kind' in session ? session : await this.#call(session, command, outlets, signal, counts)
    } finally {
      turn()
    }
  }

  async #call(
    session: Session,
    command: SessionCommand,
    outlets: Outlets,
    signal: AbortSignal,
    counts: 0 | 1,
  ): Promise<SessionRun> {
    const { owner, host, commands } = session.saved
    const told = { runChannel: this.#runChannel, ...command }
    const result = await callInSession({ owner, host }, told, session.state, outlets, signal).catch(
      async (defect: unknown) => {
        await this.#book.leave(session, {})
        throw defect
      },
    )
    if (result.kind === 'not_started') {
      // Made for this call, and nothing came of it.
      if (session.state === undefined) await this.#book.remove(session)
      else await this.#book.leave(session, {})
      return result
    }
    const after = await this.#keep(session, result.after, commands + counts, outlets)
    const { end, hostKey, durationMs } = result
    return { kind: 'ended', end, hostKey, durationMs, session: after }
  }

  /** Takes the new state over, in the store before anyone is told. */
  async #keep(
    session: Session,
    after: StateAfter,
    commands: number,
    outlets: Outlets,
  ): Promise<SessionAfter> {
    const { id, workingDirectory } = session.saved
    if (after.kind === 'saved') {
      const { shell, state } = after
      const now = { shell, workingDirectory: workingDirectoryOf(state) }
      const isDurable = await this.#book.leave(session, { ...now, state: JSON.stringify(state), commands })
      return isDurable
        ? { id, workingDirectory: now.workingDirectory, state: 'saved' }
        : {
            id,
            workingDirectory,
            state: 'kept',
            reason: 'the new state could not be written to the database',
          }
    }
    const isAnew = after.kind === 'begin_anew'
    await this.#book.leave(session, { commands, ...(isAnew && { state: undefined }) })
    if (!isAnew) return { id, workingDirectory, state: 'kept', reason: after.reason }
    const told = `${after.reason}; the command was not run, and the session begins anew with the next call`
    outlets.onStderr(Buffer.from(`ssh-mcp-bridge: ${told}\n`))
    return { id, workingDirectory: '', state: 'kept', reason: told }
  }

  #entering({ owner, host }: SessionPlace, { timeoutMs }: SessionCommand): Entering {
    return { limits: this.#limits, others: this.#countOthers(owner, host), mostMs: timeoutMs }
  }

  async #neverStarted(place: SessionPlace): Promise<SessionRun> {
    return neverStarted(place, await this.#find(place).catch(() => undefined))
  }
}
