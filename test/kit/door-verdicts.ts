import { expect } from 'vitest'
import { REFUSALS, type RefusalReason } from '../../src/oauth/refusals.ts'
import { type Door, type Happening, headerOf } from './door.ts'

/** A challenge of `/mcp` where OAuth is on; nothing is said to be wrong when nothing came (RFC 6750 §3.1). */
export function challengeOf(door: Door, reason: RefusalReason, path: '' | '/mcp' = '/mcp'): string {
  const refusal = REFUSALS[reason]
  const wrong =
    'error' in refusal ? `, error="${refusal.error}", error_description="${refusal.description}"` : ''
  const metadata = `${door.url}/.well-known/oauth-protected-resource${path}`
  return `Bearer resource_metadata="${metadata}"${wrong}, scope="mcp:execute"`
}

/** A good credential that may do less than was asked: 403, the scopes to ask for, a denied call in the audit, and no connection. */
export function expectScopeMissing(door: Door, happening: Happening, path: '' | '/mcp'): void {
  expect(happening.status).toBe(403)
  const header = headerOf(happening, 'www-authenticate') ?? ''
  expect(
    Object.fromEntries([...header.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  ).toEqual({
    resource_metadata: `${door.url}/.well-known/oauth-protected-resource${path}`,
    error: 'insufficient_scope',
    error_description: 'This needs the scopes: mcp:execute',
    scope: 'mcp:execute',
  })
  expect(happening.records).toMatchObject([
    { type: 'call.received' },
    { type: 'call.decided', verdict: 'deny', reason: 'insufficient_scope' },
  ])
  expect(happening.connections).toBe(0)
}

/** The one record of a refusal at the door, and no connection. */
export function expectDenied(
  { records, connections }: Happening,
  reason: RefusalReason,
  { edge = 'mcp_http', remote = '127.0.0.1' }: { edge?: string; remote?: string } = {},
): void {
  expect(records).toEqual([{ at: expect.any(String), type: 'auth.denied', edge, reason, remote }])
  expect(connections).toBe(0)
}

/** Refused by itself, whoever asks: nobody is sent to sign in, nothing is on record, nobody was connected to. */
export function expectRefused(happening: Happening, status: number, says: string | number | undefined): void {
  expect(happening.status, happening.head + happening.body).toBe(status)
  expect(headerOf(happening, 'www-authenticate')).toBeUndefined()
  // A page that may not call cannot read why.
  expect(headerOf(happening, 'access-control-allow-origin')).toBeUndefined()
  expect(saidIn(happening)).toBe(says)
  expect([happening.records, happening.connections]).toEqual([[], 0])
}

/** The code of the error, of HTTP and REST a word, of JSON-RPC a number. */
export function saidIn({ body }: Happening): unknown {
  const json = /\{[\s\S]*\}/.exec(body)?.[0]
  return json === undefined ? undefined : JSON.parse(json).error?.code
}

/** The command ran on the host, as every guard allowed it. */
export function expectRan(happening: Happening): void {
  expect(happening.status, happening.body).toBe(200)
  expect(happening.body).toContain('in\\n')
  const types = ['call.received', 'call.decided', 'call.started', 'call.finished']
  expect(happening.records.map(({ type }) => type)).toEqual(types)
}

/** Neither what was presented nor a part of it that would do is in any place that people read. */
export function expectNowhere(door: Door, happening: Happening, secret: string): void {
  const parts = [secret, ...secret.split('.')].filter((text) => text.length >= 8)
  expect(parts).not.toEqual([])
  for (const place of [door.log(), JSON.stringify(door.records()), happening.head + happening.body])
    for (const part of parts) expect(place.includes(part), `holds ${part}`).toBe(false)
}
