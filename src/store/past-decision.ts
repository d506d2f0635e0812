import type { Edge } from '../domain/call.ts'
import type { DenyReason } from '../domain/decision.ts'
import type { PastDecision } from '../domain/past-decision.ts'
import type { Principal } from '../domain/principal.ts'
import { given, instant, keyOf, listOf, objectOf, text } from './exact-shape.ts'
import { type Facts, factsIn, pastAction } from './past-action.ts'

const METHODS = { oauth: 0, api_key: 0, stdio: 0, none: 0 } satisfies Record<Principal['method'], 0>
const EDGES = { mcp_stdio: 0, mcp_http: 0, mcp_sse: 0, rest: 0, console: 0, cli: 0 } satisfies Record<Edge, 0>
const VERDICTS = { allow: 0, approve: 0, deny: 0 } satisfies Record<PastDecision['verdict'], 0>
const REASONS = {
  host_not_found: 0,
  forbidden: 0,
  insufficient_scope: 0,
  rate_limited: 0,
  locked: 0,
  locks_unavailable: 0,
  shutting_down: 0,
} satisfies Record<DenyReason['code'], 0>

const verdict = keyOf(VERDICTS)

const observed = objectOf<NonNullable<PastDecision['observed']>>({ rule: text, verdict }, {})

const claims = objectOf<Pick<Principal, 'groups' | 'roles' | 'scopes'>>(
  {
    groups: listOf(text),
    roles: listOf(text),
    scopes: (value) => (value === 'all' ? value : new Set(listOf(text)(value))),
  },
  {},
)

/** Of a record of before they were kept: nobody knows. */
const NO_CLAIMS = { groups: [], roles: [], scopes: 'all' } as const

/**
 * What a line of type `call.decided` tells.
 *
 * @throws SyntaxError for what is no JSON, TypeError for what is not as this version or an earlier one wrote it.
 */
export function parsePastDecision(line: string): PastDecision {
  const facts = factsIn(JSON.parse(line))
  const at = instant(facts.at)
  return {
    at,
    call: {
      id: text(facts.call),
      principal: principalOf(facts),
      action: pastAction(facts),
      edge: keyOf(EDGES)(facts.edge),
      receivedAt: at,
      ...given('parent', text, facts.parent),
      ...given('remoteAddress', text, facts.remote),
    },
    verdict: verdict(facts.verdict),
    rule: text(facts.rule),
    ...given('reason', keyOf(REASONS), facts.reason),
    ...given('observed', observed, facts.observed),
    ...given('tainted', text, facts.tainted),
    knowsClaims: facts.claims !== undefined,
  }
}

function principalOf({ principal, claims: held }: Facts): Principal {
  const { issuer, subject, method, email, name, client } = factsIn(principal)
  return {
    issuer: text(issuer),
    subject: text(subject),
    method: keyOf(METHODS)(method),
    ...given('email', text, email),
    ...given('name', text, name),
    ...given('clientId', text, client),
    ...(held === undefined ? NO_CLAIMS : claims(held)),
  }
}
