import { AuthServer } from '../authserver/auth-server.ts'
import type { AuthServerSettings } from '../authserver/auth-server-parts.ts'
import { CONSOLE_CLIENT } from '../authserver/known-clients.ts'
import type { Config } from '../config/config.ts'
import type { EmbeddedConfig } from '../config/oauth-config.ts'
import type { SignInDoor } from '../http/sign-in-route.ts'
import type { OwnIssuer } from '../oauth/settings.ts'
import { OPERATOR_SCOPES } from '../policy/scopes.ts'
import type { OpenCore } from './core.ts'
import { sealedRows } from './login-in-store.ts'
import { openForStrangers } from './outbound.ts'
import { openPeopleLogin } from './people-login.ts'

/** Keys that the command line made are taken up within this. */
const LOOK_MS = 1_000
const SWEEP_MS = 600_000

export interface OwnLogin {
  readonly door: SignInDoor
  readonly issuer: OwnIssuer
  /** Takes over what of a new configuration can change while it runs. */
  apply(): void
  close(): void
}

/** The built-in login of a bridge with `mode: embedded`: who signs in, what is kept of it, and the server that gives tokens for `resources`. */
export async function openOwnLogin(
  core: OpenCore,
  embedded: EmbeddedConfig,
  resources: readonly string[],
): Promise<OwnLogin> {
  const { clock, log } = core
  const state = sealedRows(core.config(), core.database, core)
  const login = openPeopleLogin(core, embedded, state)
  await state.sweep()
  const server = await AuthServer.open({
    settings: () => settingsOf(core.config(), embedded, resources),
    state,
    login,
    fetch: openForStrangers(core.config, clock),
    clock,
    log,
    note: (event) => core.note(event),
  })
  const closing = new AbortController()
  void every(LOOK_MS, 'The keys of the login cannot be read', () => server.look())
  void every(SWEEP_MS, 'The login cannot be swept', () => state.sweep())
  core.people.askBy((subject) => login.find(subject))

  async function every(ms: number, failed: string, work: () => Promise<void>): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(ms, closing.signal).catch(() => undefined)
      if (closing.signal.aborted) return
      await work().catch((cause: unknown) => log.error(failed, { cause: String(cause) }))
    }
  }

  return {
    door: server,
    issuer: {
      issuer: embedded.issuer,
      keys: () => server.publicKeys(),
      isKnown: (subject, issuedS) => core.people.isKnown(subject, issuedS),
    },
    apply: () => server.apply(),
    close: () => closing.abort(),
  }
}

/** The address stays the one that the bridge began with; all else may change with the configuration. */
function settingsOf(config: Config, begun: EmbeddedConfig, resources: readonly string[]): AuthServerSettings {
  const { server } = config
  const { accessTokenMs, tokenAlgorithm, refreshTokenMs, registration, clientMetadataDocuments } =
    server.auth.oauth?.embedded ?? begun
  const scopesOffered = (server.auth.oauth?.scopesSupported ?? []).filter((one) => one !== 'offline_access')
  return {
    issuer: begun.issuer,
    resources,
    scopesOffered,
    // Given to people who may, but offered to no assistant.
    otherScopes: OPERATOR_SCOPES.filter((one) => !scopesOffered.includes(one)),
    accessTokenSeconds: accessTokenMs / 1_000,
    tokenAlgorithm,
    refreshTokenSeconds: refreshTokenMs / 1_000,
    registration,
    clientMetadataDocuments,
    ...(config.console.enabled && {
      firstParty: { clientId: CONSOLE_CLIENT, redirectUri: `${begun.issuer}/console/callback` },
    }),
  }
}
