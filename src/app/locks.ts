import type { Config } from '../config/config.ts'
import { isInForce, type KnownLocks, type Lock, type LockState, type LockTarget } from '../domain/lock.ts'
import { outlive, systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { LockRows } from '../store/lock-rows.ts'
import type { Database } from '../store/sql/database.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { here } from './at-command-line.ts'
import { type DatabasePlace, databasePlace } from './database-place.ts'

export interface NewLock {
  readonly on: LockTarget
  readonly reason: string
  readonly forMs?: number
}

/** How long a running bridge is given to put a change on record. */
const PATIENCE_MS = 2_000
const PAUSE_MS = 50

/**
 * The locks as the command line has them: in the database of the configuration, whether a bridge runs or not. Running ones see a change
 * within a second.
 */
export class LocksInStore {
  readonly #rows: LockRows
  readonly #database: Database
  readonly place: DatabasePlace

  private constructor(database: Database, rows: LockRows, place: DatabasePlace) {
    this.#database = database
    this.#rows = rows
    this.place = place
  }

  /** @throws UnusableDatabase; what opening the database throws. */
  static async open(config: Config): Promise<LocksInStore> {
    const place = databasePlace(config)
    const database = await openDatabase(config.storage.url, systemClock)
    return new LocksInStore(database, await LockRows.open(database, systemClock), place)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  /** Lifts every lock, where nobody can tell which there are. */
  reset(): Promise<void> {
    return outlive(this.#rows.reset())
  }

  /** Those in force, or why nobody can tell. */
  read(): LockState {
    const state = this.#rows.read()
    if (state.kind === 'damaged') return state
    const now = systemClock.now()
    return { ...state, locks: state.locks.filter((lock) => isInForce(lock, now)) }
  }

  /** Resolves once it is durable. */
  async add({ on, reason, forMs }: NewLock): Promise<Lock> {
    const at = systemClock.now()
    const by = here()
    const expires = forMs === undefined ? {} : { expiresAt: new Date(at.getTime() + forMs) }
    const lock: Lock = { id: randomId('lock'), on, reason, by, at, ...expires }
    await this.#change((known) => ({
      ...known,
      locks: [...known.locks, lock],
      unrecorded: [...known.unrecorded, { what: 'added', lock, by }],
    }))
    return lock
  }

  /** Lifts all of them, or none when one is not there: that is the answer then. */
  async remove(ids: readonly string[]): Promise<string | undefined> {
    const state = this.read()
    const known = state.kind === 'known' ? state.locks.map(({ id }) => id) : []
    const stranger = ids.find((id) => !known.includes(id))
    if (stranger !== undefined) return stranger
    const by = here()
    await this.#change(({ locks, unrecorded, ...rest }) => {
      const lifted = locks.filter(({ id }) => ids.includes(id))
      const changes = lifted.map((lock) => ({ what: 'removed', lock, by }) as const)
      return {
        ...rest,
        locks: locks.filter((lock) => !lifted.includes(lock)),
        unrecorded: [...unrecorded, ...changes],
      }
    })
    return undefined
  }

  /** Whether a running bridge has put the change of these locks on record, which it does as soon as it is in force there. */
  isTakenUp(ids: readonly string[]): Promise<boolean> {
    return outlive(this.#isTakenUp(ids))
  }

  /** Whoever else writes is waited for, and nothing else keeps a program alive that is about to end. */
  #change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks> {
    return outlive(this.#rows.change(edit))
  }

  async #isTakenUp(ids: readonly string[]): Promise<boolean> {
    for (let left = PATIENCE_MS / PAUSE_MS; left > 0; left -= 1) {
      await this.#rows.look()
      const state = this.#rows.read()
      if (state.kind === 'known' && !state.unrecorded.some(({ lock }) => ids.includes(lock.id))) return true
      await systemClock.sleep(PAUSE_MS)
    }
    return false
  }
}
