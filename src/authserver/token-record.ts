import type { IncomingMessage } from 'node:http'
import type Provider from 'oidc-provider'
import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import type { Log } from '../domain/log.ts'
import type { LoginEvent } from '../domain/login-event.ts'
import type { Clock } from '../lib/clock.ts'
import { AskedMessage } from './node-exchange.ts'

interface RecordParts {
  readonly clock: Clock
  readonly log: Log
}

const REUSED: Readonly<Record<string, 'code' | 'refresh_token'>> = {
  'refresh token already used': 'refresh_token',
  'authorization code already consumed': 'code',
}

/** Puts on each request what is to be remembered of it: `events` go to the audit before the answer leaves. */
export function recordTokens(provider: Provider, { clock, log }: RecordParts): void {
  const facts = (context: KoaContextWithOIDC) => {
    const { remoteAddress } = askedOf(context.req) ?? {}
    const client = context.oidc.client?.clientId
    return {
      at: clock.now(),
      ...(client !== undefined && { client }),
      ...(remoteAddress !== undefined && { remoteAddress }),
    }
  }
  const remember = (context: KoaContextWithOIDC, event: LoginEvent) =>
    void askedOf(context.req)?.events.push(event)

  provider.on('grant.success', (context: KoaContextWithOIDC) => {
    const { AccessToken: token, Account: account, ClientCredentials: machine } = context.oidc.entities
    const given = token ?? machine
    const isRefresh = context.oidc.params?.grant_type === 'refresh_token'
    remember(context, {
      type: isRefresh ? 'token.refreshed' : 'token.issued',
      ...facts(context),
      subject: account?.accountId ?? context.oidc.client?.clientId ?? '',
      resource: [given?.aud ?? ''].flat().join(' '),
      scopes: [...(given?.scopes ?? [])],
    })
  })
  provider.on('grant.error', (context: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    const what = REUSED[error.error_detail ?? '']
    if (what === undefined) return
    const subject = context.oidc.entities.Account?.accountId
    remember(context, {
      type: 'token.reused',
      ...facts(context),
      what,
      ...(subject !== undefined && { subject }),
    })
  })
  provider.on('grant.revoked', (context: KoaContextWithOIDC) => {
    if (context.oidc.route !== 'revocation') return
    const subject = context.oidc.entities.RefreshToken?.accountId
    remember(context, {
      type: 'token.revoked',
      ...facts(context),
      ...(subject !== undefined && { subject }),
    })
  })
  provider.on('registration_create.success', (context: KoaContextWithOIDC, client) => {
    const { clientId, clientName, redirectUris } = client
    remember(context, {
      type: 'client.registered',
      ...facts(context),
      client: clientId,
      ...(clientName !== undefined && { name: clientName }),
      redirects: redirectUris ?? [],
    })
  })
  provider.on('server_error', (_context: KoaContextWithOIDC, error: Error) =>
    log.error('the login failed through a defect', { error: error.stack ?? error.message }),
  )
}

function askedOf(request: IncomingMessage): AskedMessage | undefined {
  return request instanceof AskedMessage ? request : undefined
}
