import type Provider from 'oidc-provider'
import type { AuthServerParts } from './auth-server-parts.ts'
import { clientDocuments } from './client-documents.ts'
import type { ProviderLibrary } from './load-provider.ts'
import { providerSettings } from './provider-settings.ts'
import { giveTokensFamilies } from './refresh-token-id.ts'
import type { Registrations } from './registrations.ts'
import type { KeyRing } from './signing-keys.ts'
import { stateAdapter } from './state-adapter.ts'
import { recordTokens } from './token-record.ts'

export interface BuiltOn {
  readonly ring: KeyRing
  readonly registrations: Registrations
  /** Whether a request may cause one more document of a client to be fetched. */
  readonly mayFetch: (request: unknown) => boolean
}

/** The provider library with the settings and keys of now. It keeps nothing itself: another one takes up what this one left. */
export function buildProvider(
  library: ProviderLibrary,
  { settings, state, login, fetch, clock, log }: AuthServerParts,
  { ring, registrations, mayFetch }: BuiltOn,
): Provider {
  const now = settings()
  const documents = clientDocuments(
    {
      isOn: now.clientMetadataDocuments,
      fetch,
      state,
      clock,
      log,
      mayFetch,
      redirectHosts: () => settings().registration.redirectHosts,
    },
    library.errors,
  )
  const policy = {
    resources: now.resources,
    scopes: [...now.scopesOffered, ...now.otherScopes],
    people: login,
    machineClients: now.machineClients ?? [],
    ...(now.firstParty && { firstParty: now.firstParty }),
    accessTokenSeconds: now.accessTokenSeconds,
    tokenAlgorithm: now.tokenAlgorithm,
    refreshTokenSeconds: now.refreshTokenSeconds,
    canRegister: now.registration.enabled,
  }
  const parts = {
    adapter: stateAdapter(state, registrations, clock, library.errors),
    ring,
    documents,
    prefix: new URL(now.issuer).pathname.replace(/\/$/, ''),
  }
  const provider = new library.Provider(now.issuer, providerSettings(policy, parts, library))
  // Scheme and host are those that `exchangeOf` put there.
  provider.proxy = true
  giveTokensFamilies(provider)
  provider.use(async (context, next) => {
    await next()
    const { oidc } = context
    if (oidc?.route !== 'token' || context.status !== 200) return
    const { RefreshToken, Grant } = oidc.entities
    // The consent lasts as long as its tokens are used. One that ended meanwhile, for a token that came twice, does not begin again.
    // guard: ended-consent-stays-ended
    const isThere = Grant !== undefined && (await state.find('grant', Grant.jti)) !== undefined
    if (RefreshToken !== undefined && isThere) await Grant.save()
    if (oidc.client !== undefined) await registrations.used(oidc.client.clientId)
  })
  recordTokens(provider, { clock, log })
  return provider
}
