import { createHmac } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'

const STEP_MS = 30_000
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of one 30 s step since 1970 (RFC 6238, HMAC-SHA1). `secret` is base32; spaces, case and padding do not matter. */
export function totp(secret: string, step: number, digits = 6): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  // RFC 4226 §5.3: the last four bits say where the number begins.
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 0x0f) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

function fromBase32(text: string): Buffer {
  const bits = [...text.toUpperCase().replace(/[\s=-]/g, '')]
    .map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

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
      const step = Math.floor(nowMs / STEP_MS)
      const used = this.#usedSteps.get(secret)
      // The clock may have been put back: what was used later is not waited for.
      if (used === undefined || used < step || used > step + 1) {
        this.#usedSteps.set(secret, step)
        return totp(secret, step)
      }
      await this.#clock.sleep((used + 1) * STEP_MS - nowMs, signal)
    }
  }
}
