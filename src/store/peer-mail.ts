import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { CommandRecord } from '../domain/command-record.ts'
import { BridgeError, type ErrorCode } from '../domain/errors.ts'
import type { Held, Peers } from '../domain/peers.ts'
import type { Clock } from '../lib/clock.ts'
import type { Writer } from './audit-append.ts'
import { parseCommandRecord } from './command-record.ts'
import { idempotencyText } from './command-rows.ts'
import { AddresseeLost, Mail } from './mail.ts'
import type { Database } from './sql/database.ts'
import { readTagged, taggedText } from './tagged-json.ts'

/** What has lost its instance is somebody else's within this time: it is noticed, and taken over. */
const TAKEN_OVER_MS = 10_000
const LOOK_MS = 200

/** Performs what was carried here; undefined when it names nothing that lives here. */
export type PerformCarried = (call: Call, signal: AbortSignal) => Promise<Answer | undefined>

/** What is answered to a call that was carried: an answer, that nothing it names is here, or an error. */
type Reply =
  | { readonly answer: Answer }
  | { readonly isElsewhere: true }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }

/** The other instances, by the database alone: who they are, what they hold, and the way to have them perform a call. */
export class PeerMail implements Peers {
  readonly #database: Database
  readonly #me: Writer
  readonly #clock: Clock
  readonly #mail: Mail
  #others: readonly string[] = []

  constructor(database: Database, me: Writer, clock: Clock) {
    this.#database = database
    this.#me = me
    this.#clock = clock
    this.#mail = new Mail(database, me, clock)
  }

  /** Performs what others carry here, until `signal` aborts. */
  serve(perform: PerformCarried, signal: AbortSignal): void {
    const serve = async (body: string, calledOff: AbortSignal) =>
      taggedText(await replyOf(() => perform(readTagged(body) as Call, calledOff)))
    this.#mail.serve(serve, () => !this.areThere(), signal)
  }

  areThere(): boolean {
    return this.#others.length > 0
  }

  /** Who lives now beside this instance. */
  async look(): Promise<void> {
    const rows = await this.#database.all<{ id: string }>('SELECT id FROM instances WHERE ended_at IS NULL')
    this.#others = rows.map(({ id }) => id).filter((id) => id !== this.#me.id)
  }

  async holdersOf(held: Held, signal: AbortSignal): Promise<readonly string[]> {
    // Values are in memory alone, and nothing anywhere says in whose.
    if (held.kind === 'secrets') return this.#others
    const untilMs = this.#clock.monotonicMs() + TAKEN_OVER_MS
    for (;;) {
      // While the database is away nothing is found, and nothing can be put on record either: the call is refused there.
      const found = await this.#find(held).catch(() => undefined)
      if (found === undefined || found.instance === this.#me.id) return []
      if (found.isAlive) return [found.instance]
      if (held.kind === 'terminal' || this.#clock.monotonicMs() > untilMs || signal.aborted) return []
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
    }
  }

  async commandsOf(owner: string, most: number): Promise<readonly CommandRecord[]> {
    const rows = await this.#database.all<{ record: string }>(
      'SELECT record FROM commands WHERE owner = $1 AND instance <> $2 ORDER BY started_at DESC LIMIT $3',
      owner,
      this.#me.id,
      most,
    )
    return rows.flatMap(({ record }) => parseCommandRecord(record) ?? [])
  }

  async carry(call: Call, to: string, signal: AbortSignal): Promise<Answer | undefined> {
    const text = await this.#mail.send(to, taggedText(call), signal).catch((cause: unknown) => {
      const message =
        cause instanceof AddresseeLost
          ? `The instance of the bridge that this was carried to was lost before it answered. It may have been done: look before you repeat it.`
          : 'Another instance of the bridge could not be reached. It may have been done: look before you repeat it.'
      throw new BridgeError('instance_lost', message, { cause })
    })
    const reply = readTagged(text) as Reply
    if ('error' in reply) throw new BridgeError(reply.error.code, reply.error.message)
    return 'answer' in reply ? reply.answer : undefined
  }

  /** Commands say themselves whose they are; else it is whoever wrote the last record of the call. */
  async #find(held: Exclude<Held, { kind: 'secrets' }>) {
    const [found] = await this.#rowsOf(held)
    return found && { instance: found.instance, isAlive: found.alive === 1 }
  }

  #rowsOf(held: Exclude<Held, { kind: 'secrets' }>): Promise<readonly Found[]> {
    if (held.kind === 'key')
      return this.#database.all<Found>(
        `SELECT ${FOUND} FROM commands AS here WHERE owner = $1 AND idempotency = $2`,
        held.owner,
        idempotencyText(held.key),
      )
    const call = `call_${held.id.replace(/^[a-z]+_/, '')}`
    return held.kind === 'command_of_anybody'
      ? this.#database.all<Found>(OF_ANYBODY, call, held.id)
      : this.#database.all<Found>(BY_CALL, call, held.owner, held.id)
  }
}

interface Found {
  readonly instance: string
  readonly alive: number
}

const FOUND = `here.instance, CASE WHEN EXISTS
  (SELECT 1 FROM instances WHERE id = here.instance AND ended_at IS NULL) THEN 1 ELSE 0 END AS alive`

const BY_CALL = `SELECT ${FOUND} FROM (
  SELECT instance, 0 AS place, 0 AS seq FROM commands WHERE id = $3 AND owner = $2
  UNION ALL SELECT instance, 1 AS place, seq FROM audit WHERE call = $1 AND person = $2) AS here
  ORDER BY here.place, here.seq DESC LIMIT 1`

/** The call of a command is open where it runs; ended, it is where it is kept. */
const OF_ANYBODY = `SELECT ${FOUND} FROM (
  SELECT instance, 0 AS place, seq FROM open_calls WHERE call = $1
  UNION ALL SELECT instance, 1 AS place, 0 AS seq FROM commands WHERE id = $2
  UNION ALL SELECT instance, 2 AS place, seq FROM audit WHERE call = $1) AS here
  ORDER BY here.place, here.seq DESC LIMIT 1`

async function replyOf(perform: () => Promise<Answer | undefined>): Promise<Reply> {
  try {
    const answer = await perform()
    return answer === undefined ? { isElsewhere: true } : { answer }
  } catch (cause) {
    if (cause instanceof BridgeError) return { error: { code: cause.code, message: cause.message } }
    return {
      error: { code: 'internal', message: 'The call failed at another instance of the bridge; see its log.' },
    }
  }
}
