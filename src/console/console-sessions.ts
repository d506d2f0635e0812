import { BridgeError } from '../domain/errors.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'

const KIND = 'console_session'
/** Browsers signed in at the same time. Whoever has a key may sign in again and again; the session not renewed for longest goes first. */
const MOST = 5_000

/** What a browser's cookie stands for. The browser never has the token or key itself. */
export interface ConsoleSession {
  /** An `Authorization` value: it is asked about with every request, so what is revoked ends at once. */
  readonly authorization: string
  readonly refreshToken?: string
  /** From then on the token is as good as none. */
  readonly tokenEndsAtMs?: number
  readonly endsAtMs: number
}

/** Sealed in the store, so any instance knows them and nobody reads a token off the disk. */
export class ConsoleSessions {
  readonly #state: SealedState
  readonly #clock: Clock

  constructor(state: SealedState, clock: Clock) {
    this.#state = state
    this.#clock = clock
  }

  /** @returns the id, 128 random bits, for the cookie. */
  async begin(session: ConsoleSession): Promise<string> {
    const id = randomId('console')
    // guard: console-sessions-have-an-end
    await this.#state.trim(KIND, MOST - 1)
    await this.replace(id, session)
    return id
  }

  async find(id: string): Promise<ConsoleSession | undefined> {
    const found = (await this.#state.find(KIND, id).catch(unavailable)) as ConsoleSession | undefined
    return found !== undefined && found.endsAtMs > this.#clock.now().getTime() ? found : undefined
  }

  replace(id: string, session: ConsoleSession): Promise<void> {
    return this.#state.save(KIND, id, session, new Date(session.endsAtMs))
  }

  end(id: string): Promise<boolean> {
    return this.#state.remove(KIND, id)
  }
}

function unavailable(cause: unknown): never {
  throw new BridgeError(
    'auth_unavailable',
    'Who is signed in on this browser cannot be looked up right now; try again.',
    { cause },
  )
}
