import type { Config } from '../config/config.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { principalNow } from './principal-now.ts'

/** The most people of whom it is remembered whether they may still. The one longest without a request is forgotten first. */
const MOST = 1_000
const LOOK_MS = 1_000

/** Tokens of before `notBefore` do not count any more. */
type Ask = (subject: string) => Promise<{ readonly notBefore?: Date } | undefined>

/**
 * Who callers are now, whom the bridge itself signed in among them: somebody who was disabled or removed is nobody from their next request on, and
 * what runs for them is ended within about a second. Everybody counts until the login says otherwise.
 */
export class OwnPeople {
  readonly #config: () => Config
  readonly #clock: Clock
  readonly #mayStill = new Map<string, boolean>()
  #ask: Ask | undefined

  constructor(config: () => Config, clock: Clock) {
    this.#config = config
    this.#clock = clock
  }

  /** From now on `ask` says who of that subject may still sign in. */
  askBy(ask: Ask): void {
    this.#ask = ask
  }

  /** Asks anew, for a request that shows a token of theirs, which was given then (`iat`). */
  async isKnown(subject: string, issuedS: number): Promise<boolean> {
    if (this.#ask === undefined) return true
    const person = await this.#ask(subject)
    this.#mayStill.delete(subject)
    this.#mayStill.set(subject, person !== undefined)
    const [oldest] = this.#mayStill.keys()
    if (this.#mayStill.size > MOST && oldest !== undefined) this.#mayStill.delete(oldest)
    if (person?.notBefore === undefined) return person !== undefined
    // Not known: not taken.
    // guard: new-password-ends-tokens
    return issuedS >= Math.floor(person.notBefore.getTime() / 1_000)
  }

  /** Who this is under the configuration of now; undefined when they would not be let in any more. */
  now(principal: Principal): Principal | undefined {
    const { auth } = this.#config().server
    const own = auth.oauth?.embedded?.issuer
    // guard: removed-people-end
    const isGone = principal.issuer === own && this.#mayStill.get(principal.subject) === false
    return isGone ? undefined : principalNow(principal, auth, this.#clock.now())
  }

  /** Asks again and again about everybody who came, and tells when there is somebody who may not any more. */
  async follow(onGone: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
      if (!signal.aborted && (await this.#anybodyGone())) onGone()
    }
  }

  async #anybodyGone(): Promise<boolean> {
    let gone = false
    for (const [subject, mayStill] of this.#mayStill) {
      if (!mayStill) continue
      const isGoneNow = await this.#ask?.(subject).then(
        (person) => person === undefined,
        () => false,
      )
      if (!isGoneNow) continue
      this.#mayStill.set(subject, false)
      gone = true
    }
    return gone
  }
}
