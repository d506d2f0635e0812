import type { Log } from '../../domain/log.ts'
import type { NotStarted, SessionSummary } from '../../domain/outcome.ts'
import type {
  HeldSession,
  SavedSession,
  SessionPlace,
  SessionStore,
  SessionTerms,
} from '../../domain/session.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import { type SessionLimits, sessionNotFound, tooManyOn } from './session-limit.ts'
import { fromBytes, type ShellState } from './shell-dialect.ts'
import { DIALECTS } from './shell-supervisor.ts'

/** A session while a call is in it, and no other one in any instance. */
export interface Session {
  readonly saved: SavedSession
  /** Undefined until the first command was run in it. */
  readonly state: ShellState | undefined
  readonly held: HeldSession
}

export interface Entering {
  readonly limits: SessionLimits
  /** What its owner holds on the host beside sessions. */
  readonly others: number
  /** How long the call is in it at most. */
  readonly mostMs: number
}

/** A session in which another instance has a call is asked for again after so long, longer each time. */
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 500
/** A call's own time is not all: connecting comes before, and ending it behind. */
const SLACK_MS = 300_000

const AWAY: NotStarted = {
  kind: 'not_started',
  code: 'audit_unavailable',
  message:
    'The sessions of the bridge cannot be read, so nothing was run. It resumes by itself once they can.',
}

/** All sessions, as the store has them. Knows who is in which; knows nothing of running commands. */
export class SessionBook {
  readonly #store: SessionStore
  readonly #clock: Clock
  readonly #log: Log

  constructor(store: SessionStore, clock: Clock, log: Log) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /**
   * Makes the session this call's alone, the default one and one with a name by making it where there is none. Waits while another
   * instance has a call in it, at most as long as the call may take itself: `late` then, or when `signal` aborts.
   */
  async enter(
    place: SessionPlace,
    entering: Entering,
    signal: AbortSignal,
  ): Promise<Session | NotStarted | 'late'> {
    const lastMs = this.#clock.monotonicMs() + entering.mostMs
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const held = await this.#store
        .hold(place, this.#terms(entering))
        .catch((cause: unknown) => this.#away(place, cause))
      if (typeof held === 'object') return 'kind' in held ? held : this.#entered(held)
      if (held === 'none') {
        if (place.id !== undefined) return sessionNotFound(place.host)
        const made = await this.#add(place, randomId('ses'), entering)
        if (made !== 'busy') return made
      }
      if (this.#clock.monotonicMs() >= lastMs) return 'late'
      const isOver = await this.#clock.sleep(pauseMs, signal).then(
        () => false,
        () => true,
      )
      if (isOver) return 'late'
    }
  }

  /** Makes one that is known by its handle alone, for this call. */
  async make(place: Pick<SessionPlace, 'owner' | 'host'>, entering: Entering): Promise<Session | NotStarted> {
    const id = randomId('ses')
    const made = await this.#add({ ...place, id }, id, entering)
    return made === 'busy' ? sessionNotFound(place.host) : made
  }

  /** It is in use, though no command runs in it. */
  async touch(place: SessionPlace, entering: Entering): Promise<void> {
    const held = await this.#store.hold(place, this.#terms(entering)).catch(() => 'busy' as const)
    if (typeof held === 'object') await this.leave(this.#entered(held), {})
  }

  /** Lets go of it. False, with a line in the log: what has become of it could not be kept, it is as it was before. */
  async leave(
    { held, saved }: Session,
    after: Partial<Pick<SavedSession, 'shell' | 'workingDirectory' | 'commands'>> & {
      readonly state?: string | undefined
    },
  ): Promise<boolean> {
    const { state, ...rest } = { ...saved, ...after }
    const session = { ...rest, ...(state !== undefined && { state }), lastUsedAt: this.#clock.now() }
    try {
      // Closed while a command ran in it: nothing of it is to be kept.
      await this.#store.save(held, session)
      return true
    } catch (cause) {
      this.#log.error('a session could not be saved', { host: saved.host, cause: String(cause) })
      return false
    }
  }

  /** Nothing came of it. */
  async remove({ saved }: Session): Promise<void> {
    await this.#store.remove(saved.id).catch((cause: unknown) =>
      this.#log.error('a session could not be removed from the store', {
        host: saved.host,
        cause: String(cause),
      }),
    )
  }

  async #add(place: SessionPlace, id: string, entering: Entering): Promise<Session | NotStarted | 'busy'> {
    const { limits, others } = entering
    const terms = this.#terms(entering)
    const most = limits.maxSessionsPerHost - others
    const made = await this.#store
      .add(newSession(id, place, terms.now), place, terms, most)
      .catch((cause: unknown) => this.#away(place, cause))
    if (made === 'full') return tooManyOn(place.host, limits)
    return made === 'busy' || 'kind' in made ? made : this.#entered(made)
  }

  #away({ host }: SessionPlace, cause: unknown): NotStarted {
    this.#log.error('sessions cannot be read or written', { host, cause: String(cause) })
    return AWAY
  }

  #terms({ limits, mostMs }: Entering): SessionTerms {
    const now = this.#clock.now()
    const until = new Date(now.getTime() + mostMs + SLACK_MS)
    return { now, until, usedAfter: usedAfter(now, limits) }
  }

  /** A state that cannot be understood is left out with a warning: the session begins anew. */
  #entered(held: HeldSession): Session {
    const { session } = held
    const { state: text, ...rest } = session
    if (text === undefined) return { saved: session, state: undefined, held }
    const state = parseState(text)
    if (state !== undefined) return { saved: session, state, held }
    this.#log.warn('a saved session is damaged and begins anew', { host: session.host })
    return { saved: rest, state, held }
  }
}

/** Sessions that were last used then or before are over. */
export function usedAfter(now: Date, { idleTimeoutMs }: SessionLimits): Date {
  return new Date(now.getTime() - idleTimeoutMs)
}

export function workingDirectoryOf(state: ShellState | undefined): string {
  return fromBytes(state?.sections.cwd ?? '')
}

export function summaryOf(session: SavedSession): SessionSummary {
  const { id, name, host, shell, workingDirectory, createdAt, lastUsedAt, commands } = session
  return {
    ...{ id, kind: 'shell' as const, host, shell, workingDirectory, createdAt, lastUsedAt, commands },
    ...(name !== undefined && { name }),
  }
}

function newSession(id: string, { owner, host, name }: SessionPlace, now: Date): SavedSession {
  const life = { createdAt: now, lastUsedAt: now, commands: 0 }
  return { id, owner, host, ...(name !== undefined && { name }), shell: '', workingDirectory: '', ...life }
}

function parseState(text: string): ShellState | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isState(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isState(value: unknown): value is ShellState {
  if (typeof value !== 'object' || value === null) return false
  const { dialect, sections, functions, status } = value as Record<string, unknown>
  const isKnown = typeof dialect === 'string' && Object.hasOwn(DIALECTS, dialect)
  return isKnown && isTexts(sections) && 'cwd' in sections && isTexts(functions) && Number.isInteger(status)
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  )
}
