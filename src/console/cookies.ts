import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { HttpEnv } from '../http/http-env.ts'

/** Of whoever is signed in, and of a sign-in that is under way. */
type Name = 'console' | 'console_sign_in'

/**
 * `Strict` is never sent from another site, so no page elsewhere acts in somebody's name. A sign-in comes back from the provider, which is another
 * site: its cookie is `Lax`, and good for that one answer alone.
 */
const SAME_SITE = { console: 'Strict', console_sign_in: 'Lax' } as const

/** Cookies that no script reads; over https their names begin with `__Host-`, so that no neighbouring name can set them (RFC 6265bis §4.1.3.2). */
export function readCookie(c: Context<HttpEnv>, name: Name): string | undefined {
  return isSecure(c) ? getCookie(c, name, 'host') : getCookie(c, name)
}

export function writeCookie(c: Context<HttpEnv>, name: Name, value: string, maxAgeS: number): void {
  const options = { httpOnly: true, sameSite: SAME_SITE[name], path: '/', maxAge: maxAgeS } as const
  if (isSecure(c)) setCookie(c, name, value, { ...options, prefix: 'host', secure: true })
  else setCookie(c, name, value, options)
}

export function removeCookie(c: Context<HttpEnv>, name: Name): void {
  if (isSecure(c)) deleteCookie(c, name, { prefix: 'host', path: '/', secure: true })
  else deleteCookie(c, name, { path: '/' })
}

function isSecure(c: Context<HttpEnv>): boolean {
  return c.get('publicUrl').startsWith('https:')
}
