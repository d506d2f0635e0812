import type { HostName } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { SessionSummary } from '../../domain/outcome.ts'
import type { SavedSession, SessionStore } from '../../domain/session.ts'
import { randomId } from '../../lib/ids.ts'
import { Turns } from './session-turns.ts'
import { fromBytes, type ShellState } from './shell-dialect.ts'
import { DIALECTS } from './shell-supervisor.ts'

/** A session as it lives in the bridge. */
export interface Session {
  readonly id: string
  readonly owner: string
  readonly host: HostName
  readonly name: string | undefined
  readonly createdAt: Date
  readonly turns: Turns
  /** Undefined until the first command was run in it. */
  state: ShellState | undefined
  shell: string
  lastUsedAt: Date
  commands: number
}

/** All sessions, in memory and in the store. Knows who owns what; knows nothing of shells. */
export class SessionBook {
  readonly #store: SessionStore
  readonly #log: Log
  readonly #sessions = new Map<string, Session>()
  #loading: Promise<void> | undefined

  constructor(store: SessionStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  /**
   * Reads the store once, at the first use. A record that cannot be understood is left out with a warning. A store that cannot be read is
   * tried again at the next use; until then there are only the sessions made meanwhile.
   */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((cause: unknown) => {
      this.#loading = undefined
      this.#log.error('saved sessions cannot be read', { cause: String(cause) })
    })
    return this.#loading
  }

  find(owner: string, host: HostName, id: string): Session | undefined {
    const session = this.#sessions.get(id)
    // guard: own-sessions
    return session?.owner === owner && session.host === host ? session : undefined
  }

  /** By name; without one, the owner's default session on the host. */
  named(owner: string, host: HostName, name: string | undefined): Session | undefined {
    return this.of(owner, host).find((session) => session.name === name)
  }

  of(owner: string, host?: HostName): Session[] {
    return this.all().filter(
      (session) => session.owner === owner && (host === undefined || session.host === host),
    )
  }

  all(): Session[] {
    return [...this.#sessions.values()]
  }

  has(session: Session): boolean {
    return this.#sessions.get(session.id) === session
  }

  add(owner: string, host: HostName, name: string | undefined, now: Date): Session {
    const id = randomId('ses')
    const life = { createdAt: now, lastUsedAt: now, commands: 0 }
    const session = { id, owner, host, name, turns: new Turns(), state: undefined, shell: '', ...life }
    this.#sessions.set(id, session)
    return session
  }

  /** Resolves with false, and a line in the log, when the store cannot keep it: the session goes on, but ends with this process. */
  async save(session: Session): Promise<boolean> {
    if (!this.has(session) || session.state === undefined) return true
    const { id, owner, host, name, shell, state, createdAt, lastUsedAt, commands } = session
    const saved: SavedSession = {
      ...{ id, owner, host, shell, createdAt, lastUsedAt, commands },
      ...(name !== undefined && { name }),
      workingDirectory: workingDirectoryOf(session),
      state: JSON.stringify(state),
    }
    try {
      await this.#store.save(saved)
      // Closed while it was being written: what was written must go as well.
      if (!this.has(session)) await this.#store.remove(id)
      return true
    } catch (cause) {
      this.#log.error('a session could not be saved', { host, cause: String(cause) })
      return false
    }
  }

  async remove(session: Session): Promise<void> {
    this.#sessions.delete(session.id)
    try {
      await this.#store.remove(session.id)
    } catch (cause) {
      this.#log.error('a session could not be removed from the store', {
        host: session.host,
        cause: String(cause),
      })
    }
  }

  async #load(): Promise<void> {
    for (const saved of await this.#store.load()) {
      const state = parseState(saved.state)
      if (state === undefined) {
        this.#log.warn('a saved session is damaged and was left out', { host: saved.host })
        continue
      }
      const { id, owner, host, name, shell, createdAt, lastUsedAt, commands } = saved
      const turns = new Turns()
      this.#sessions.set(id, {
        ...{ id, owner, host, name, shell, state, createdAt, lastUsedAt, commands, turns },
      })
    }
  }
}

export function workingDirectoryOf({ state }: Session): string {
  return fromBytes(state?.sections.cwd ?? '')
}

export function summaryOf(session: Session): SessionSummary {
  const { id, name, host, shell, createdAt, lastUsedAt, commands } = session
  return {
    ...{ id, kind: 'shell' as const, host, shell, createdAt, lastUsedAt, commands },
    ...(name !== undefined && { name }),
    workingDirectory: workingDirectoryOf(session),
  }
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
