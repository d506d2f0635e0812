import type { LoginEvent } from '../domain/login-event.ts'
import { never } from '../lib/never.ts'
import { whoFacts } from './call-record.ts'

/** What stands in the record of an event of the built-in login, beside its time and type. */
export function loginFacts(event: LoginEvent): Record<string, unknown> {
  switch (event.type) {
    case 'login.throttled':
      return { what: event.what, ...whence(event) }
    case 'consent.given':
    case 'consent.denied':
    case 'token.issued':
    case 'token.refreshed':
      return { subject: event.subject, ...whence(event), resource: event.resource, scopes: event.scopes }
    case 'client.registered':
      return { ...whence(event), name: event.name, redirects: event.redirects }
    case 'client.forgotten':
      return { ...whence(event), by: event.by }
    case 'token.reused':
      return { what: event.what, subject: event.subject, ...whence(event) }
    case 'token.revoked':
      return { subject: event.subject, ...whence(event) }
    case 'console.signed_in':
      return { principal: whoFacts(event.principal), remote: event.remoteAddress }
    case 'key.rotated':
      return { keys: event.keys, from: event.from.toISOString(), by: event.by }
    default:
      return never(event)
  }
}

function whence(event: Exclude<LoginEvent, { type: 'key.rotated' | 'console.signed_in' }>) {
  return { client: event.client, remote: event.remoteAddress }
}
