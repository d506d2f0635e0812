import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { consentPage, loginPage, PAGE_HEADERS, problemPage } from './pages.ts'
import { type EmbeddedUser, findUser } from './users.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

const FORM_BYTES = 8_192
/** OpenID scopes that say who the user is, or how long the client may act; they give no power over a host. */
const IDENTITY_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access'])

/**
 * The human part of an authorization request: GET shows the form of the step at hand, POST answers it. The provider's cookie (SameSite
 * lax, bound to the path) ties the form to the browser that began, so another site cannot post it.
 */
export async function answerInteraction(
  provider: Provider,
  users: readonly EmbeddedUser[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined)
  if (interaction === undefined) {
    send(
      response,
      400,
      problemPage('Start again', 'This sign-in has expired. Go back to your client and try again.'),
    )
    return
  }
  if (request.method !== 'POST') return show(provider, users, interaction, response)

  const form = await readForm(request)
  if (form === undefined) {
    send(response, 413, problemPage('Too long', 'The form was too long.'))
    return
  }
  const step = interaction.prompt.name
  const action = form.get('action')
  if (step === 'login' && action === 'login') {
    const user = findUser(users, form.get('username') ?? '', form.get('password') ?? '')
    if (user === undefined) send(response, 401, loginPage('That user name and password are not known here.'))
    else await provider.interactionFinished(request, response, { login: { accountId: user.username } })
  } else if (step === 'consent' && action === 'allow') {
    const grantId = await grant(provider, users, interaction)
    const merge = { mergeWithLastSubmission: true }
    await provider.interactionFinished(request, response, { consent: { grantId } }, merge)
  } else if (step === 'consent' && action === 'deny') {
    const refusal = { error: 'access_denied', error_description: 'The user did not allow it.' }
    await provider.interactionFinished(request, response, refusal)
  } else {
    await show(provider, users, interaction, response)
  }
}

async function show(
  provider: Provider,
  users: readonly EmbeddedUser[],
  interaction: Interaction,
  response: ServerResponse,
): Promise<void> {
  if (interaction.prompt.name === 'login') return send(response, 200, loginPage())
  const clientId = String(interaction.params.client_id)
  const client = await provider.Client.find(clientId)
  const user = userOf(users, interaction)
  const question = {
    clientName: client?.clientName ?? clientId,
    username: user?.username ?? '',
    redirectHost: URL.parse(String(interaction.params.redirect_uri))?.host ?? 'unknown',
    scopes: requestedScopes(interaction).filter((scope) => mayGive(user, scope)),
  }
  send(response, 200, consentPage(question))
}

/** What the user allowed, as a grant. Scopes the user cannot give are recorded as rejected, so that they are not asked for again. */
async function grant(
  provider: Provider,
  users: readonly EmbeddedUser[],
  interaction: Interaction,
): Promise<string> {
  const accountId = interaction.session?.accountId ?? ''
  const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined
  const given = existing ?? new provider.Grant({ accountId, clientId: String(interaction.params.client_id) })
  const user = userOf(users, interaction)

  const { missingOIDCScope, missingResourceScopes } = interaction.prompt.details
  if (Array.isArray(missingOIDCScope)) given.addOIDCScope(missingOIDCScope.map(String))
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    if (!Array.isArray(scopes)) continue
    for (const scope of scopes.map(String)) {
      if (mayGive(user, scope)) given.addResourceScope(resource, scope)
      else given.rejectResourceScope(resource, scope)
    }
  }
  return given.save()
}

function userOf(users: readonly EmbeddedUser[], interaction: Interaction): EmbeddedUser | undefined {
  return users.find((user) => user.username === interaction.session?.accountId)
}

function mayGive(user: EmbeddedUser | undefined, scope: string): boolean {
  if (user === undefined) return false
  return IDENTITY_SCOPES.has(scope) || user.scopes === undefined || user.scopes.includes(scope)
}

function requestedScopes(interaction: Interaction): string[] {
  return String(interaction.params.scope ?? '')
    .split(' ')
    .filter((scope) => scope !== '')
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > FORM_BYTES) return undefined
    chunks.push(chunk as Buffer)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS).end(html)
}
