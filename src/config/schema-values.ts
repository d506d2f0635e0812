import { isIP, isIPv6 } from 'node:net'
import * as z from 'zod'
import { isHostName } from '../domain/host.ts'

/** Text on one line, without control characters, that is at least one character long. */
export const line = (most = 1_024) =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(most, { error: `must not be longer than ${most} characters` })
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'must be one line without control characters' })

/** A credential. `writeOnly` marks it in the JSON Schema and keeps its value out of every message. */
export const secret = (description: string, least = 1) =>
  z
    .string()
    .min(least, {
      error: least === 1 ? 'must not be empty' : `must have at least ${least} characters`,
    })
    .max(8_192, { error: 'must not be longer than 8192 characters' })
    .meta({ description, writeOnly: true })

/** The secret of a TOTP generator: RFC 4648 §6 base32, spaces and padding as people copy them; at least 80 bits (RFC 4226 asks for 128). */
export const base32 = (description: string) =>
  secret(description).refine((text) => /^[A-Z2-7]{16,}$/.test(bareBase32(text)), {
    error: 'must be a base32 secret: at least 16 letters A-Z and digits 2-7',
  })

/** Base32 as programs take it: no spaces, no hyphens, no padding, capital letters. */
export function bareBase32(text: string): string {
  return text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
}

export const path = () => line(4_096)

export const count = (least: number, most: number) =>
  z
    .number()
    .int({ error: `must be a whole number from ${least} to ${most}` })
    .min(least, { error: `must be a whole number from ${least} to ${most}` })
    .max(most, { error: `must be a whole number from ${least} to ${most}` })

export const port = () => count(1, 65_535)

/** RFC 6749 §3.3 scope-token. */
export const scope = () =>
  z
    .string()
    .max(256, { error: 'must not be longer than 256 characters' })
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, {
      error: 'must be one scope without spaces, quotes or backslashes, such as mcp:execute',
    })

export const hostNameText = () =>
  z.string().refine(isHostName, {
    error: 'must be 1 to 63 letters, digits, dots, underscores or hyphens that begin with a letter or digit',
  })

/** What one dials or listens on: a DNS name or an IP address, nothing else. */
export const address = () =>
  z
    .string()
    .max(253, { error: 'must not be longer than 253 characters' })
    .superRefine((text, context) => {
      const message = addressMistake(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })

function addressMistake(text: string): string | undefined {
  if (isIP(text) !== 0 || isIPv6(text.replace(/%[\w.-]+$/, ''))) return undefined
  if (/^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/.test(text)) return undefined
  if (text.includes('@')) return 'must be an address alone: write the user in username'
  if (text.includes('://')) return 'must be an address alone, without a scheme or a path'
  if (/^[^:]+:\d+$/.test(text)) return 'must be an address alone: write the port in port'
  return 'must be a DNS name or an IP address, such as 192.0.2.10'
}

/** An absolute http(s) address without user, password or fragment. */
export const webAddress = () =>
  z.string().superRefine((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol) || /\s/.test(text))
      context.addIssue({ code: 'custom', message: 'must be an address that begins with https://' })
    else if (url.username !== '' || url.password !== '' || text.includes('#'))
      context.addIssue({ code: 'custom', message: 'must not hold a user, a password or a #' })
  })

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#@]+$/

export const origin = () =>
  z.string().superRefine((text, context) => {
    if (text === '*' || ORIGIN.test(text)) return
    const bare = text.replace(/\/+$/, '')
    context.addIssue({
      code: 'custom',
      message: ORIGIN.test(bare)
        ? `must be an origin without a path or a final slash: write ${bare}`
        : 'must be an origin such as https://chatgpt.com, without a path',
    })
  })

export const cidr = () =>
  z.string().refine(isCidr, {
    error: 'must be an IP address or a range such as 10.0.0.0/8 or 2001:db8::/32',
  })

function isCidr(text: string): boolean {
  const [base = '', bits, ...rest] = text.split('/')
  const family = isIP(base)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** One value or a list of them; always a list afterwards. */
export const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)])
