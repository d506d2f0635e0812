import type { Clock } from '../../lib/clock.ts'
import { TOTP_STEP_MS, totp } from '../../lib/totp.ts'

/** Gives each code once: a host takes none twice (RFC 6238 §5.2), and who tries is soon locked out. */
export class OneTimeCodes {
  readonly #clock: Clock
  readonly #usedSteps = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The code of now, or of the first step that is still free, waited for. Rejects when `signal` aborts first; then no code is used. */
  async next(secret: string, signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted()
      const nowMs = this.#clock.now().getTime()
      const step = Math.floor(nowMs / TOTP_STEP_MS)
      const used = this.#usedSteps.get(secret)
      // The clock may have been put back: what was used later is not waited for.
      if (used === undefined || used < step || used > step + 1) {
        this.#usedSteps.set(secret, step)
        return totp(secret, step)
      }
      await this.#clock.sleep((used + 1) * TOTP_STEP_MS - nowMs, signal)
    }
  }
}
