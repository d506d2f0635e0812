import type { LoginEvent } from '../domain/login-event.ts'
import type { Clock } from '../lib/clock.ts'
import type { Allowance } from './allowance.ts'
import type { Asked, Exchange } from './node-exchange.ts'
import { checkRegistration } from './registration-rules.ts'
import type { Registrations } from './registrations.ts'

export interface RegistrationParts {
  readonly rules: { readonly enabled: boolean; readonly redirectHosts: readonly string[] }
  readonly allowance: Allowance
  readonly registrations: Registrations
  readonly clock: Clock
  readonly note: (event: LoginEvent) => Promise<void>
}

/** A client that registers itself (RFC 7591): so many an hour from one address, and only with places for its answers that are allowed here. */
export async function answerRegistration(
  { rules, allowance, registrations, clock, note }: RegistrationParts,
  { request, remoteAddress }: Asked,
  { body }: Exchange,
  ask: (registration: string) => Promise<Response>,
): Promise<Response> {
  if (request.method !== 'POST')
    return refusal(405, 'invalid_request', 'Register with POST.', { allow: 'POST' })
  if (!rules.enabled)
    return refusal(403, 'access_denied', 'Clients cannot register themselves here. Ask the operator.')
  const whence = remoteAddress === undefined ? {} : { remoteAddress }
  const taken = allowance.take(remoteAddress, clock.monotonicMs())
  // guard: registration-rate
  if (taken.kind === 'refused') {
    if (taken.isFirst)
      await note({ type: 'login.throttled', at: clock.now(), what: 'registration', ...whence })
    const waitS = Math.ceil(taken.waitMs / 1000)
    const text = `Too many clients registered from this address. Wait ${waitS} seconds.`
    return refusal(429, 'temporarily_unavailable', text, { 'retry-after': String(waitS) })
  }
  const checked = checkRegistration(parsed(body), rules.redirectHosts)
  if (checked.kind === 'refused')
    return refusal(400, checked.refused.error, checked.refused.error_description)

  const forgotten = await registrations.makeRoom()
  if (forgotten === 'full')
    return refusal(503, 'temporarily_unavailable', 'There are too many clients in use here.')
  for (const client of forgotten)
    await note({ type: 'client.forgotten', at: clock.now(), client, by: 'room for others', ...whence })
  // The library gets what was checked, not what was sent.
  return ask(JSON.stringify(checked.metadata))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal(
  status: number,
  error: string,
  error_description: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { error, error_description },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  )
}
