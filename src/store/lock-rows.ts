import { BridgeError } from '../domain/errors.ts'
import type { KnownLocks, LockState, LockStore } from '../domain/lock.ts'
import type { Clock } from '../lib/clock.ts'
import { lockText, parseLocks } from './lock-record.ts'
import type { Database } from './sql/database.ts'
import { forUpdate } from './sql/exclusive.ts'
import { shortFault } from './sql/statement.ts'

/** The database tells at once; this is for what was not heard. */
const LOOK_MS = 1_000
/** Nobody knows any more what is locked when it could not be read for so long. */
const STALE_MS = 5_000

interface Seen {
  readonly version: number
  /** When the reading of it began, by the clock that only grows. */
  readonly readMs: number
  readonly state: LockState
}

/**
 * The locks, in one row, with a copy in memory that is never older than five seconds: what is older counts as damaged, until it could be
 * read again. All processes that share the database change it, one at a time.
 */
export class LockRows implements LockStore {
  readonly #database: Database
  readonly #clock: Clock
  #seen: Seen
  #fault: string | undefined
  #looking: Promise<void> | undefined

  private constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
    const why = 'the locks were not read yet'
    this.#seen = { version: -1, readMs: clock.monotonicMs(), state: { kind: 'damaged', why } }
  }

  /** Reads them, or cannot: then they are damaged until they can be read. */
  static async open(database: Database, clock: Clock): Promise<LockRows> {
    const rows = new LockRows(database, clock)
    await rows.look()
    return rows
  }

  read(): LockState {
    const { readMs, state } = this.#seen
    const ageMs = this.#clock.monotonicMs() - readMs
    // guard: stale-locks-are-damaged
    if (ageMs <= STALE_MS) return state
    const why = this.#fault === undefined ? '' : ` (${this.#fault})`
    return { kind: 'damaged', why: `the locks could not be read for ${Math.floor(ageMs / 1_000)} s${why}` }
  }

  async change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks> {
    const readMs = this.#clock.monotonicMs()
    const seen = await this.#database.first.transaction(async (sql) => {
      const found = `SELECT version, known FROM locks WHERE id = 1${forUpdate(this.#database)}`
      const [row] = await sql.all<{ version: number; known: string }>(found)
      const state = stateOf(row?.known)
      // What nobody can read, nobody may write over: a lock would be lost.
      // guard: damaged-locks-stay
      if (state.kind !== 'known') throw new BridgeError('internal', `${state.why}: nothing was changed.`)
      const changed = edit(state)
      const version = (row?.version ?? 0) + 1
      await sql.run('UPDATE locks SET version = $1, known = $2 WHERE id = 1', version, lockText(changed))
      return { version, readMs, state: changed }
    })
    this.#take(seen)
    await this.#database.notify('locks', String(seen.version))
    return seen.state
  }

  /** Lifts everything, whatever stands there. */
  async reset(): Promise<void> {
    const none = lockText({ kind: 'known', locks: [], unrecorded: [] })
    await this.#database.first.run('UPDATE locks SET version = version + 1, known = $1 WHERE id = 1', none)
    await this.#database.notify('locks', '')
    await this.look()
  }

  follow(onChange: () => void, signal: AbortSignal): void {
    let told = tellTale(this.#seen.version, this.read())
    const tell = () => {
      const now = tellTale(this.#seen.version, this.read())
      if (now === told || signal.aborted) return
      told = now
      onChange()
    }
    this.#database.listen('locks', () => void this.look().then(tell), signal)
    void this.#lookAgain(tell, signal)
  }

  /** Resolves when they were looked at, or could not be. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookAgain(tell: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
      // Not waited for: a database that hangs must be noticed.
      if (!signal.aborted) void this.look().then(tell)
      tell()
    }
  }

  async #look(): Promise<void> {
    const readMs = this.#clock.monotonicMs()
    const { version, state } = this.#seen
    try {
      const [row] = await this.#database.first.all<{ version: number; known: string | null }>(
        'SELECT version, CASE WHEN version = $1 THEN NULL ELSE known END AS known FROM locks WHERE id = 1',
        state.kind === 'known' ? version : -1,
      )
      this.#fault = undefined
      if (row?.version === version && row.known === null) this.#take({ version, readMs, state })
      else this.#take({ version: row?.version ?? version, readMs, state: stateOf(row?.known) })
    } catch (cause) {
      this.#fault = shortFault(cause)
    }
  }

  /** What was read before a change and arrives after it says nothing any more. */
  #take(seen: Seen): void {
    if (seen.version >= this.#seen.version) this.#seen = seen
  }
}

function stateOf(text: string | null | undefined): LockState {
  try {
    return parseLocks(text ?? '')
  } catch {
    return { kind: 'damaged', why: 'the locks in the database are not what the bridge writes' }
  }
}

function tellTale(version: number, state: LockState): string {
  return state.kind === 'known' ? `${version}` : `${version} ${state.why.replace(/\d+/g, '')}`
}
