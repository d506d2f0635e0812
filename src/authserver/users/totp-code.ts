import { timingSafeEqual } from 'node:crypto'
import { randomHex } from '../../lib/ids.ts'
import { TOTP_STEP_MS, toBase32, totp } from '../../lib/totp.ts'

/** RFC 4226 §4 recommends 160 bits. */
const SECRET_BYTES = 20

/** A phone's clock may be off by one step (RFC 6238 §5.2). */
const TOLERATED_STEPS = [0, -1, 1]

export function newTotpSecret(): string {
  return toBase32(Buffer.from(randomHex() + randomHex(), 'hex').subarray(0, SECRET_BYTES))
}

/** The step whose code this is, of now or of one step before or after; undefined for a code of none of them. Spaces do not matter. */
export function stepOfCode(secret: string, code: string, now: Date): number | undefined {
  const typed = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(typed)) return undefined
  const current = Math.floor(now.getTime() / TOTP_STEP_MS)
  const found = TOLERATED_STEPS.map((away) => current + away).filter((step) =>
    timingSafeEqual(Buffer.from(totp(secret, step)), Buffer.from(typed)),
  )
  return found.length === 0 ? undefined : Math.max(...found)
}

/** What authenticator apps read, as link or picture. `place` is shown there beside the name. */
export function otpauthUri(secret: string, username: string, place: string): string {
  const label = `${encodeURIComponent(place)}:${encodeURIComponent(username)}`
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(place)}`
}
