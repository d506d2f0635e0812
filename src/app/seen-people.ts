import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import { type Principal, principalKey } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import type { Observer } from '../pipeline/bridge.ts'
import { addSeen, forgetSeen, type HourOfCalls, PIECE_MS, type Sighting } from '../store/seen-rows.ts'
import type { Database } from '../store/sql/database.ts'

/** A call costs a line in memory; so often they are written down together. */
const EVERY_MS = 3_000
/** While the database is away, more than these are not remembered. */
const MOST = 10_000
/** Providers may say anything of people. */
const LONGEST = 256

/** Writes down who comes, for the console. It is no evidence: what was not written yet is lost with the process. */
export class SeenPeople implements Observer {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Pick<Log, 'warn'>
  #sightings = new Map<string, Sighting>()
  #hours = new Map<string, HourOfCalls>()
  readonly #closing = new AbortController()
  #sweptPiece = 0

  constructor(database: Database, clock: Clock, log: Pick<Log, 'warn'>) {
    this.#database = database
    this.#clock = clock
    this.#log = log
    void this.#follow(this.#closing.signal)
  }

  finished({ principal, edge }: Call, answer: Answer): void {
    const person = principalKey(principal)
    const atMs = this.#clock.now().getTime()
    this.#saw(principal, edge, atMs)
    const piece = Math.floor(atMs / PIECE_MS)
    const key = `${piece} ${person}`
    const before = this.#hours.get(key)
    if (before === undefined && this.#hours.size >= MOST) return
    const calls = (before?.calls ?? 0) + 1
    const refused = (before?.refused ?? 0) + (answer.kind === 'denied' ? 1 : 0)
    this.#hours.set(key, { person, piece, calls, refused })
  }

  /** Somebody has signed in at the built-in login. */
  signedIn(issuer: string, subject: string, name: string): void {
    this.#saw({ issuer, subject, name, method: 'oauth' }, 'sign_in', this.#clock.now().getTime())
  }

  /** Writes down what is not yet, if that can be had. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.flush().catch(() => undefined)
  }

  /** What cannot be written is tried again with what comes next. */
  async #follow(signal: AbortSignal): Promise<void> {
    let isWell = true
    while (!signal.aborted) {
      await this.#clock.sleep(EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      const failed = await this.flush().then(
        () => undefined,
        (cause: unknown) => String(cause),
      )
      if (isWell && failed !== undefined)
        this.#log.warn('Who was seen cannot be written down; it is tried again', { cause: failed })
      isWell = failed === undefined
    }
  }

  async flush(): Promise<void> {
    const [sightings, hours] = [this.#sightings, this.#hours]
    this.#sightings = new Map()
    this.#hours = new Map()
    try {
      await addSeen(this.#database, [...sightings.values()], [...hours.values()])
      await this.#sweep()
    } catch (cause) {
      this.#takeBack(sightings, hours)
      throw cause
    }
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#clock.now().getTime()
    const piece = Math.floor(nowMs / PIECE_MS)
    if (piece === this.#sweptPiece) return
    await forgetSeen(this.#database, nowMs)
    this.#sweptPiece = piece
  }

  #takeBack(sightings: ReadonlyMap<string, Sighting>, hours: ReadonlyMap<string, HourOfCalls>): void {
    this.#sightings = new Map([...sightings, ...this.#sightings])
    for (const [key, { calls, refused, ...hour }] of hours) {
      const since = this.#hours.get(key)
      this.#hours.set(key, {
        ...hour,
        calls: calls + (since?.calls ?? 0),
        refused: refused + (since?.refused ?? 0),
      })
    }
  }

  #saw(principal: Who, door: string, atMs: number): void {
    const person = principalKey(principal)
    const { clientId: client = '', name, email, method } = principal
    const key = JSON.stringify([person, client, door])
    if (this.#sightings.size >= MOST && !this.#sightings.has(key)) return
    this.#sightings.set(key, {
      ...{ person, client, door, method, atMs },
      ...(name !== undefined && { name: name.slice(0, LONGEST) }),
      ...(email !== undefined && { email: email.slice(0, LONGEST) }),
    })
  }
}

type Who = Pick<Principal, 'issuer' | 'subject' | 'method' | 'clientId' | 'name' | 'email'>
