import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import type { Writer } from './audit-append.ts'
import type { Database } from './sql/database.ts'

/** What is not told, because telling may fail, is seen so soon. */
const LOOK_MS = 1_000
/** An answer that cannot be written is tried again after so long, as long as this instance lives. */
const AGAIN_MS = 500

/** The instance that it was sent to was lost before it answered: nobody knows whether it did anything. */
export class AddresseeLost extends Error {}

/** Does what is asked. What it rejects with is nobody's: it has to make an answer of whatever happens. */
export type Serve = (body: string, signal: AbortSignal) => Promise<string>

interface Waiting {
  /** As which this instance sent it. */
  readonly from: string
  readonly resolve: (answer: string) => void
  readonly reject: (cause: unknown) => void
}

/**
 * What one instance asks of another, through the database that they share. Each letter is taken by the one process that it is addressed
 * to, once: an instance that comes back after it was lost has another name, and letters to the one before are answered by nobody.
 */
export class Mail {
  readonly #database: Database
  readonly #me: Writer
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  /** Letters that are being served, or were: by id, with the way to call them off. */
  readonly #served = new Map<string, AbortController>()
  readonly #answered = new Set<string>()
  #looking: Promise<void> | undefined
  #again = false

  constructor(database: Database, me: Writer, clock: Clock) {
    this.#database = database
    this.#me = me
    this.#clock = clock
  }

  /** Serves what comes, and hears answers, until `signal` aborts. `isAlone` spares the looking while nobody can have sent anything. */
  serve(serve: Serve, isAlone: () => boolean, signal: AbortSignal): void {
    const look = () => void this.#look(serve)
    this.#database.listen(
      'mail',
      (to) => {
        if (!isAlone() && (to === undefined || to === this.#me.id)) look()
      },
      signal,
    )
    void (async () => {
      while (!signal.aborted) {
        await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
        if (!isAlone() && !signal.aborted) look()
      }
    })()
  }

  /** Resolves to the answer. Aborting `signal` calls it off there; the answer says what became of it. */
  async send(to: string, body: string, signal: AbortSignal): Promise<string> {
    const id = randomId('mail')
    const from = this.#me.id
    const answer = new Promise<string>((resolve, reject) => this.#waiting.set(id, { from, resolve, reject }))
    // Who sends does not wait for it before it is sent.
    answer.catch(() => undefined)
    const callOff = () => {
      this.#database
        .run('UPDATE mail SET cancelled = 1 WHERE id = $1', id)
        .then(() => this.#database.notify('mail', to))
        .catch(() => undefined)
    }
    try {
      await this.#database.run(
        'INSERT INTO mail (id, to_instance, from_instance, body) VALUES ($1, $2, $3, $4)',
        id,
        to,
        from,
        body,
      )
      await this.#database.notify('mail', to)
      if (signal.aborted) callOff()
      signal.addEventListener('abort', callOff, { once: true })
      return await answer
    } finally {
      this.#waiting.delete(id)
      signal.removeEventListener('abort', callOff)
    }
  }

  /** One look at a time; what is told meanwhile is looked for afterwards. */
  async #look(serve: Serve): Promise<void> {
    this.#again = true
    this.#looking ??= (async () => {
      while (this.#again) {
        this.#again = false
        // While the database is away nothing comes, and nothing is lost.
        await Promise.all([this.#take(serve), this.#collect()]).catch(() => undefined)
      }
      this.#looking = undefined
    })()
    await this.#looking
  }

  async #take(serve: Serve): Promise<void> {
    const me = this.#me.id
    // What was answered before the question cannot be among what it finds.
    const answered = [...this.#answered]
    const letters = await this.#database.all<{ id: string; body: string; cancelled: number; from: string }>(
      'SELECT id, body, cancelled, from_instance AS "from" FROM mail WHERE to_instance = $1 AND answer IS NULL',
      me,
    )
    for (const { id, body, cancelled, from } of letters) {
      const known = this.#served.get(id)
      const calledOff = known ?? new AbortController()
      if (cancelled === 1) calledOff.abort('cancelled')
      // guard: letters-are-served-once
      if (known !== undefined) continue
      this.#served.set(id, calledOff)
      void serve(body, calledOff.signal)
        .then((answer) => this.#answer(id, answer, from, me))
        .catch(() => undefined)
    }
    for (const id of answered) {
      this.#answered.delete(id)
      this.#served.delete(id)
    }
  }

  async #answer(id: string, answer: string, from: string, me: string): Promise<void> {
    while (this.#me.id === me) {
      try {
        await this.#database.run(
          `UPDATE mail SET answer = $1 WHERE id = $2
            AND EXISTS (SELECT 1 FROM instances WHERE id = $3 AND ended_at IS NULL)`,
          answer,
          id,
          me,
        )
        this.#answered.add(id)
        await this.#database.notify('mail', from)
        return
      } catch {
        await this.#clock.sleep(AGAIN_MS)
      }
    }
  }

  async #collect(): Promise<void> {
    if (this.#waiting.size === 0) return
    // To this instance as it was before it was lost nobody answers.
    for (const { from, reject } of this.#waiting.values())
      if (from !== this.#me.id)
        reject(new AddresseeLost('this instance was lost while it waited for another'))
    const answered = await this.#database.all<{ id: string; answer: string | null }>(
      `SELECT id, answer FROM mail WHERE from_instance = $1
        AND (answer IS NOT NULL OR to_instance NOT IN (SELECT id FROM instances WHERE ended_at IS NULL))`,
      this.#me.id,
    )
    for (const { id, answer } of answered) {
      const waiting = this.#waiting.get(id)
      if (answer === null) waiting?.reject(new AddresseeLost('the instance that was asked was lost'))
      else waiting?.resolve(answer)
      await this.#database.run('DELETE FROM mail WHERE id = $1', id)
    }
  }
}

/** Of letters whose sender is lost nobody waits for the answer. */
export async function forgetLostMail(database: Database): Promise<void> {
  await database.run(
    'DELETE FROM mail WHERE from_instance NOT IN (SELECT id FROM instances WHERE ended_at IS NULL)',
  )
}
