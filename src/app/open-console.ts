import { join } from 'node:path'
import { CONSOLE_CLIENT } from '../authserver/known-clients.ts'
import type { Config } from '../config/config.ts'
import type { ConsoleDeps, ConsoleSettings } from '../console/console-deps.ts'
import { mountConsole } from '../console/mount-console.ts'
import { mountViews } from '../console/mount-views.ts'
import { CONSOLE_SCOPES } from '../console/roles.ts'
import type { Authenticator } from '../domain/authentication.ts'
import type { DenialRecord } from '../http/denial-record.ts'
import { namedScopes, ownResources } from '../oauth/metadata.ts'
import type { PastHour } from '../telemetry/past-hour.ts'
import { consoleEyes } from './console-eyes.ts'
import { peopleEyes } from './console-people.ts'
import type { OpenCore } from './core.ts'
import { sealedRows } from './login-in-store.ts'
import { readyDetail } from './ready-detail.ts'

const SWEEP_MS = 600_000

type App = Parameters<typeof mountConsole>[0]

export interface Console {
  /** Before authentication. */
  mount(app: App): void
  /** After it. */
  mountViews(app: App): void
  /** Removes what has expired of sessions and sign-ins, again and again, until `signal` aborts. */
  sweep(signal: AbortSignal): Promise<void>
}

/**
 * The operators' console on this server.
 *
 * @param past what happened on it lately.
 * @param address where this server is reached when no `public_url` says so; asked once it listens.
 */
export function openConsole(
  core: OpenCore,
  authenticator: Authenticator,
  denials: DenialRecord,
  past: PastHour,
  address: () => string,
): Console {
  const { bridge, clock, log } = core
  let served: App | undefined
  const state = sealedRows(core.config(), core.database, core)
  const deps: ConsoleDeps = {
    ...{ bridge, authenticator, denials, clock, log },
    eyes: consoleEyes(core),
    people: peopleEyes(core, state),
    system: {
      notReady: core.notReady,
      parts: () => readyDetail(core.details, clock),
      past: () => past,
    },
    state,
    settings: () => settingsOf(core.config(), address()),
    assets: join(import.meta.dirname, 'console'),
    // The built-in login is this very server, which may not be reachable from here under its public name.
    fetch: (url, options) => {
      const own = core.config().server.auth.oauth?.embedded?.issuer
      const isOwn = own !== undefined && served !== undefined && new URL(url).origin === new URL(own).origin
      return isOwn
        ? Promise.resolve(served?.fetch(new Request(url, options)) as Response)
        : core.fetch(url, options)
    },
  }
  return {
    mount: (app) => {
      served = app
      mountConsole(app, deps)
    },
    mountViews: (app) => mountViews(app, deps),
    async sweep(signal) {
      while (!signal.aborted) {
        await state
          .sweep()
          .catch((cause: unknown) => log.error('Sessions cannot be swept', { cause: String(cause) }))
        await clock.sleep(SWEEP_MS, signal).catch(() => undefined)
      }
    },
  }
}

/** How people sign in on the console, by what the configuration says of signing in. */
function settingsOf({ server, console: own }: Config, address: string): ConsoleSettings {
  const { oauth, apiKeys } = server.auth
  const baseUrl = server.publicUrl ?? oauth?.embedded?.issuer
  return {
    hasApiKeys: apiKeys.length > 0,
    authEnabled: oauth !== undefined || apiKeys.length > 0,
    sessionMs: own.sessionMs,
    ...(baseUrl !== undefined && { baseUrl }),
    ...signInOf(server.auth, own, baseUrl ?? address),
  }
}

function signInOf(
  { oauth }: Config['server']['auth'],
  own: Config['console'],
  baseUrl: string,
): Pick<ConsoleSettings, 'signIn'> {
  const [first] = oauth?.issuers ?? []
  if (oauth === undefined || first === undefined) return {}
  const [resource] = ownResources(baseUrl)
  if (oauth.embedded !== undefined)
    return {
      signIn: {
        issuer: oauth.embedded.issuer,
        clientId: CONSOLE_CLIENT,
        scopes: ['openid', ...CONSOLE_SCOPES],
        parameters: { resource: resource ?? baseUrl },
      },
    }
  // At any other provider the operator has to make a client first.
  if (own.clientId === undefined) return {}
  const [audience = baseUrl] = first.audience
  return {
    signIn: {
      issuer: first.issuer,
      clientId: own.clientId,
      ...(own.clientSecret !== undefined && { clientSecret: own.clientSecret }),
      scopes: own.scopes ?? ['openid', ...namedScopes(oauth, CONSOLE_SCOPES)],
      parameters: {
        ...(URL.canParse(audience) && { resource: audience }),
        ...(first.provider === 'auth0' && { audience }),
      },
    },
  }
}
