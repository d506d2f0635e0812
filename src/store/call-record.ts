import { type Call, hostOf } from '../domain/call.ts'
import type { Principal } from '../domain/principal.ts'
import { canonicalMembers } from '../lib/canonical-json.ts'
import { actionFacts } from './audit-action.ts'

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/** The same on each record of a call, so it is made once; held until the last one. */
const callTexts = new WeakMap<Call, ReturnType<typeof canonicalMembers>>()

/** What stands of a call on each of its records. */
export function callMembers(call: Call, redact?: Redact): ReturnType<typeof canonicalMembers> {
  let members = callTexts.get(call)
  if (members === undefined) {
    // guard: audit-without-secrets
    members = canonicalMembers(callFacts(call), redact)
    callTexts.set(call, members)
  }
  return members
}

/** Nothing more is written of it. */
export function forgetCall(call: Call): void {
  callTexts.delete(call)
}

/** Who, from where, what, where to: on every record of a call, so that each line can be read alone. */
function callFacts(call: Call): Record<string, unknown> {
  return {
    call: call.id,
    parent: call.parent,
    principal: whoFacts(call.principal),
    edge: call.edge,
    remote: call.remoteAddress,
    action: call.action.kind,
    host: hostOf(call.action),
    ...actionFacts(call),
  }
}

export function whoFacts({ issuer, subject, method, email, name, clientId }: Principal) {
  return { issuer, subject, method, email, name, client: clientId }
}
