import type { Login } from '../authserver/login.ts'
import { openUpstream } from '../authserver/upstream/open-upstream.ts'
import { LocalLogin } from '../authserver/users/local-login.ts'
import type { EmbeddedConfig } from '../config/oauth-config.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import { UserRows } from '../store/user-rows.ts'
import type { OpenCore } from './core.ts'

/**
 * Who signs in at the built-in login, as the configuration of now says: the bridge's own users, or people of an upstream provider. When a
 * reload changes which, or anything of the provider, sign-ins under way begin again.
 */
export function openPeopleLogin(core: OpenCore, begun: EmbeddedConfig, state: SealedState): Login {
  const { clock, log, fetch } = core
  const parts = { audit: seenToSignIn(core, begun.issuer), clock, log, issuer: begun.issuer }
  const embedded = () => core.config().server.auth.oauth?.embedded ?? begun
  const local = new LocalLogin({ ...parts, state, users: new UserRows(core.database, log) })
  let made: { readonly from: string; readonly login: Login } | undefined
  const now = (): Login => {
    const { upstream, refreshTokenMs } = embedded()
    if (upstream === undefined) return local
    const from = JSON.stringify([upstream, refreshTokenMs])
    if (made?.from !== from)
      made = { from, login: openUpstream(upstream, { ...parts, fetch, state, keepMs: refreshTokenMs }) }
    return made.login
  }
  return {
    find: (id) => now().find(id),
    signIn: (asked) => now().signIn(asked),
    page: (asked) => now().page(asked),
  }
}

/** The audit; who has signed in is seen, once that is on record. */
function seenToSignIn({ bridge, seen }: OpenCore, issuer: string): Pick<AuditLog, 'append'> {
  return {
    async append(...events) {
      await bridge.audit.append(...events)
      for (const event of events)
        if (event.type === 'sign_in.succeeded') seen.signedIn(issuer, event.subject, event.username)
    },
  }
}

/** Tells the operator what to type where nobody can sign in yet. */
export async function tellWhoIsMissing(
  { config, database, log }: OpenCore,
  configPath: string | undefined,
): Promise<void> {
  const { oauth } = config().server.auth
  if (oauth?.embedded === undefined || oauth.embedded.upstream !== undefined) return
  if ((await new UserRows(database, log).list()).length > 0) return
  const named = configPath === undefined ? '' : ` --config ${configPath}`
  log.warn(`Nobody can sign in yet. Add yourself: ssh-mcp-bridge users add NAME${named}`)
}
