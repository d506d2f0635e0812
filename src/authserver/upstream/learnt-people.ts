import type { SealedState } from '../../domain/sealed-state.ts'
import { isJsonObject } from '../../lib/claim-path.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Learnt } from './settings.ts'

const KIND = 'person'
/** What is used is written down again, but not with every token. */
const DAY_MS = 86_400_000

/**
 * What providers said of people, kept until it has not been asked for as long as a refresh token lives: whoever can still get a new token
 * by one is known. It is as old as the last sign-in; what changed at the provider meanwhile is not seen.
 */
export class LearntPeople {
  readonly #state: SealedState
  readonly #clock: Clock
  readonly #keepMs: number

  constructor(state: SealedState, clock: Clock, keepMs: number) {
    this.#state = state
    this.#clock = clock
    this.#keepMs = keepMs
  }

  async keep(learnt: Learnt): Promise<void> {
    const now = this.#clock.now()
    // A day more, since it is not written down with every use.
    const until = new Date(now.getTime() + this.#keepMs + DAY_MS)
    await this.#state.save(KIND, learnt.id, { learnt, usedAtMs: now.getTime() }, until)
  }

  async find(id: string): Promise<Learnt | undefined> {
    const found = await this.#state.find(KIND, id)
    if (!isJsonObject(found) || !isLearnt(found.learnt) || found.learnt.id !== id) return undefined
    if (this.#clock.now().getTime() - Number(found.usedAtMs) > DAY_MS) await this.keep(found.learnt)
    return found.learnt
  }
}

/** Sealed, so it is ours; an older version may have written it. */
function isLearnt(value: unknown): value is Learnt {
  if (!isJsonObject(value)) return false
  const { id, issuer, subject, username, groups, tenants } = value
  return (
    [id, issuer, subject, username].every((text) => typeof text === 'string') &&
    [groups, tenants].every((list) => Array.isArray(list) && list.every((one) => typeof one === 'string'))
  )
}
