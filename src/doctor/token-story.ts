import type { OAuthConfig } from '../config/oauth-config.ts'
import { providerOf } from '../config/provider-of.ts'
import type { Authentication } from '../domain/authentication.ts'
import type { Log } from '../domain/log.ts'
import type { Principal } from '../domain/principal.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { createAuthenticator } from '../oauth/authenticator.ts'
import { ownResources } from '../oauth/metadata.ts'
import { readToken } from '../oauth/read-token.ts'
import type { AuthSettings } from '../oauth/settings.ts'
import type { JsonRecord } from './ask.ts'
import type { Look } from './look.ts'

/** What the bridge's own verifier says of a token, one reason after the other. */
export interface TokenStory {
  /** As they stand in the token, proven or not; undefined when it cannot be read. */
  readonly claims: JsonRecord | undefined
  /** Every reason for which it is refused, in the order in which they were met. The first is the one that callers get. */
  readonly reasons: readonly string[]
  /** Who it speaks of, once everything else holds or is set aside. */
  readonly principal: Principal | undefined
  /** Of the issuer that it names, where that is configured. */
  readonly provider: string | undefined
  readonly isApiKey: boolean
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A reason may be set aside so that the next one is seen; more than these there are not. */
const MOST_REASONS = 6
const TIMES: readonly string[] = ['token_expired', 'not_yet_valid', 'issued_in_future']
const AUDIENCES: readonly string[] = ['wrong_audience', 'no_audience_mapper']

/**
 * Asks the verifier of `oauth/`, with the settings of the bridge, why it refuses the token. To see what else is wrong it is asked again with
 * the settings changed and never the token: at a time at which the token is valid, or for the audience that it names.
 */
export function tokenStory(token: string, look: Look): Promise<TokenStory> {
  return look.once('token story', () => tell(token, look))
}

async function tell(token: string, look: Look): Promise<TokenStory> {
  const settings = await settingsFor(look)
  const read = readToken(token)
  const claims = read.kind === 'read' ? read.token.claims : undefined
  // It may be a key of the bridge, which only the bridge can tell.
  if (look.settings.config === undefined && read.kind === 'refused' && read.reason === 'opaque_token')
    return { claims, reasons: [], principal: undefined, provider: undefined, isApiKey: false }
  const resources = [...ownResources(look.baseUrl)]
  const reasons: string[] = []
  let answer: Authentication | undefined
  let clock: Clock = systemClock
  while (reasons.length < MOST_REASONS) {
    const around = { clock, log: SILENT, fetch: look.settings.fetch }
    answer = await createAuthenticator(settings, resources, around).authenticate({
      authorization: [`Bearer ${token}`],
    })
    if (answer.kind === 'accepted') break
    const { reason } = answer
    if (reasons.includes(reason)) break
    reasons.push(reason)
    if (AUDIENCES.includes(reason)) resources.push(...audiencesIn(claims))
    else if (TIMES.includes(reason)) clock = clockAt(validAt(claims))
    else break
  }
  const principal = answer?.kind === 'accepted' ? answer.principal : undefined
  const issuer = settings.oauth?.issuers.find((one) => one.issuer === claims?.iss)
  return {
    claims,
    reasons,
    principal,
    provider: issuer?.provider ?? settings.oauth?.issuers[0]?.provider,
    isApiKey: principal?.method === 'api_key',
  }
}

/** As configured; without a configuration, what the metadata says. */
async function settingsFor(look: Look): Promise<AuthSettings> {
  const { config } = look.settings
  if (config !== undefined) return config.server.auth
  const issuers = (await look.issuers()).map((issuer) => ({
    issuer,
    audience: [],
    provider: providerOf(issuer),
    claims: {},
  }))
  const oauth: OAuthConfig = { issuers, scopesSupported: [] }
  return { oauth, apiKeys: [] }
}

export function audiencesIn(claims: JsonRecord | undefined): string[] {
  return [claims?.aud].flat().filter((one): one is string => typeof one === 'string')
}

/** A moment at which its times hold, if there is one. */
function validAt(claims: JsonRecord | undefined): Date {
  const seconds = (name: string) => (typeof claims?.[name] === 'number' ? Number(claims[name]) : undefined)
  const begins = Math.max(seconds('nbf') ?? 0, seconds('iat') ?? 0)
  const ends = seconds('exp') ?? begins
  return new Date(1000 * (begins > 0 ? begins : ends - 1))
}

function clockAt(now: Date): Clock {
  return { ...systemClock, now: () => now }
}
