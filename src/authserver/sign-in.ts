import type Provider from 'oidc-provider'
import type { LoginEvent } from '../domain/login-event.ts'
import type { Clock } from '../lib/clock.ts'
import { consentPage, consentTargets } from './consent-page.ts'
import type { Account, Login, PageAnswer } from './login.ts'
import type { Asked, Exchange } from './node-exchange.ts'
import { pageHeaders, problemPage } from './pages.ts'
import { LONGEST_NAME } from './registration-rules.ts'
import { mayGive, requestedScopes } from './scope-sentences.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

export interface SignInParts {
  readonly provider: Provider
  readonly login: Login
  readonly clock: Clock
  readonly note: (event: LoginEvent) => Promise<void>
}

/** One request to the page of an authorization request. */
interface Step extends SignInParts {
  readonly asked: Asked
  readonly exchange: Exchange
  readonly interaction: Interaction
}

/**
 * The human part of an authorization request: GET shows the page of the step at hand, POST answers it. The provider's cookie (SameSite
 * lax, bound to the path) ties the page to the browser that began, so another site cannot post it.
 */
export async function answerSignIn(parts: SignInParts, asked: Asked, exchange: Exchange): Promise<Response> {
  const { provider } = parts
  const interaction = await provider.interactionDetails(exchange.incoming, exchange.outgoing).catch(noneSuch)
  const uid = new URL(asked.request.url).pathname.split('/').at(-1)
  if (interaction === undefined || interaction.uid !== uid)
    return htmlResponse(
      400,
      problemPage('Start again', 'This sign-in has expired. Go back to your client and try again.'),
    )
  const step = { ...parts, asked, exchange, interaction }
  return interaction.prompt.name === 'login' ? signIn(step) : consent(step)
}

/** What the library says of a sign-in that there is not, or not any more. That it cannot be looked for now is another matter. */
function noneSuch(cause: unknown): undefined {
  const { statusCode = 500 } = Object(cause) as { statusCode?: number }
  if (statusCode >= 500) throw cause
}

async function signIn(step: Step): Promise<Response> {
  const { login, asked, exchange, interaction } = step
  const { remoteAddress, request } = asked
  const answer = await login.signIn({
    interaction: interaction.uid,
    clientName: (await clientOf(step)).name,
    method: request.method === 'POST' ? 'POST' : 'GET',
    url: new URL(request.url),
    form: new URLSearchParams(request.method === 'POST' ? exchange.body : ''),
    ...(remoteAddress !== undefined && { remoteAddress }),
  })
  if (answer.kind !== 'signed_in') return pageResponse(answer)
  await endOtherSession(step, answer.account)
  // Until the browser is closed, and a working day at most.
  return finish(step, { login: { accountId: answer.account.id, remember: false } })
}

/** Somebody else was signed in in this browser: that ends, instead of a question that only a script can answer. */
async function endOtherSession({ provider, interaction, clock }: Step, account: Account): Promise<void> {
  const { session } = interaction
  if (session?.accountId === undefined || session.accountId === account.id) return
  const other = session.uid === undefined ? undefined : await provider.Session.findByUid(session.uid)
  await other?.destroy()
  const changed = interaction as { session?: unknown }
  delete changed.session
  await interaction.save(interaction.exp - Math.floor(clock.now().getTime() / 1000))
}

async function consent(step: Step): Promise<Response> {
  const { login, interaction, asked, exchange, clock, note } = step
  const account = await login.find(interaction.session?.accountId ?? '')
  const asking = requestedScopes(interaction.prompt.details)
  const scopes = asking.all.filter((scope) => account !== undefined && mayGive(account, scope))
  const resource = [interaction.params.resource].flat().map(String)[0] ?? ''
  const client = await clientOf(step)
  const facts = {
    at: clock.now(),
    subject: interaction.session?.accountId ?? '',
    client: client.id,
    resource,
    ...(asked.remoteAddress !== undefined && { remoteAddress: asked.remoteAddress }),
  }
  // guard: scopes-of-the-person
  if (
    account === undefined ||
    (asking.ofResource.length > 0 && !asking.ofResource.some((one) => scopes.includes(one)))
  ) {
    await note({ type: 'consent.denied', ...facts, scopes: asking.all })
    return finish(step, {
      error: 'access_denied',
      error_description: `This person may not give: ${asking.ofResource.join(' ')}.`,
    })
  }
  const action = asked.request.method === 'POST' ? new URLSearchParams(exchange.body).get('action') : null
  if (action === 'deny') {
    await note({ type: 'consent.denied', ...facts, scopes })
    return finish(step, { error: 'access_denied', error_description: 'The user did not allow it.' })
  }
  if (action === 'allow') {
    const grantId = await grantOf(step, account)
    await note({ type: 'consent.given', ...facts, scopes })
    return finish(step, { consent: { grantId } })
  }
  const redirectUri = String(interaction.params.redirect_uri)
  const question = {
    clientName: client.name,
    ...(client.host !== undefined && { clientHost: client.host }),
    username: account.username,
    redirectUri,
    resource,
    scopes,
  }
  return htmlResponse(200, consentPage(question), { formTargets: consentTargets(redirectUri) })
}

/** What the person allowed, as a new grant: a family of tokens of its own. Scopes they cannot give are rejected, so that they are not asked for again. */
async function grantOf({ provider, interaction }: Step, account: Account): Promise<string> {
  const given = new provider.Grant({ accountId: account.id, clientId: String(interaction.params.client_id) })
  const { missingOIDCScope, missingResourceScopes } = interaction.prompt.details
  for (const scope of listOf(missingOIDCScope))
    if (mayGive(account, scope)) given.addOIDCScope(scope)
    else given.rejectOIDCScope(scope)
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
    for (const scope of listOf(scopes))
      if (mayGive(account, scope)) given.addResourceScope(resource, scope)
      else given.rejectResourceScope(resource, scope)
  return given.save()
}

interface KnownClient {
  readonly id: string
  readonly name: string
  /** Where the document that describes it is. */
  readonly host?: string
}

async function clientOf({ provider, interaction }: Step): Promise<KnownClient> {
  const id = String(interaction.params.client_id)
  const client = await provider.Client.find(id).catch(() => undefined)
  const host = id.startsWith('https://') ? URL.parse(id)?.host : undefined
  const named = client?.clientName?.trim().slice(0, LONGEST_NAME)
  return { id, name: named || (host ?? id), ...(host !== undefined && { host }) }
}

async function finish(
  { provider, exchange }: Step,
  result: Parameters<Provider['interactionFinished']>[2],
): Promise<Response> {
  const merge = { mergeWithLastSubmission: true }
  await provider.interactionFinished(exchange.incoming, exchange.outgoing, result, merge)
  return exchange.outgoing.whole
}

export function pageResponse(answer: PageAnswer): Response {
  if (answer.kind === 'redirect')
    return new Response(null, {
      status: 303,
      headers: { location: answer.location, 'cache-control': 'no-store' },
    })
  const { status, html, retryAfterS } = answer
  return htmlResponse(status, html, retryAfterS === undefined ? {} : { retryAfterS })
}

export function htmlResponse(
  status: number,
  html: string,
  more: { readonly formTargets?: readonly string[]; readonly retryAfterS?: number } = {},
): Response {
  const headers = pageHeaders(more.formTargets)
  if (more.retryAfterS !== undefined) headers['retry-after'] = String(more.retryAfterS)
  return new Response(html, { status, headers })
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
