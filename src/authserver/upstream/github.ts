import type { Configuration } from 'openid-client'
import { isJsonObject, type JsonObject, ownMember, readText } from '../../lib/claim-path.ts'
import type { Fetch } from '../../outbound/fetch.ts'
import { explain } from './explain.ts'
import { UpstreamFault } from './fault.ts'
import { accountId } from './read-learnt.ts'
import type { Begun, Learnt, Upstream, UpstreamSettings } from './settings.ts'
import { wantsGroups } from './settings.ts'

type Library = typeof import('openid-client')

const PAGE = 100
/** Nobody is in more organisations than that for this to matter. */
const MAX_PAGES = 10

/**
 * GitHub, which speaks OAuth but no OpenID: who somebody is, is asked of its API. Groups and tenants are organisations. The address of a
 * GitHub Enterprise server may stand in place of github.com; its API is below it then.
 */
export class GithubUpstream implements Upstream {
  readonly #settings: UpstreamSettings
  readonly #redirectUri: string
  readonly #fetch: Fetch
  readonly #site: string
  readonly #api: string

  constructor(settings: UpstreamSettings, redirectUri: string, fetch: Fetch) {
    this.#settings = settings
    this.#redirectUri = redirectUri
    this.#fetch = fetch
    this.#site = settings.issuer.replace(/\/+$/, '')
    this.#api = this.#site === 'https://github.com' ? 'https://api.github.com' : `${this.#site}/api/v3`
  }

  async begin({ state, verifier }: Begun, again: boolean): Promise<URL> {
    const library = await import('openid-client')
    return library.buildAuthorizationUrl(this.#configuration(library), {
      redirect_uri: this.#redirectUri,
      scope: this.#scopes().join(' '),
      state,
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(again && { prompt: 'select_account' }),
    })
  }

  async finish(search: string, { state, verifier }: Begun): Promise<Learnt> {
    try {
      const library = await import('openid-client')
      const answered = new URL(`${this.#redirectUri}${search}`)
      const checks = { expectedState: state, pkceCodeVerifier: verifier }
      const grant = library.authorizationCodeGrant(this.#configuration(library), answered, checks)
      return await this.#learn((await grant).access_token)
    } catch (error) {
      throw explain(error, this.#settings.issuer, this.#redirectUri)
    }
  }

  async #learn(token: string): Promise<Learnt> {
    const user = await this.#ask('/user', token)
    const id = isJsonObject(user) ? ownMember(user, 'id') : undefined
    const login = isJsonObject(user) ? readText(ownMember(user, 'login'), 100) : undefined
    // The number stays; the name may be given to somebody else.
    if (!isJsonObject(user) || typeof id !== 'number' || login === undefined)
      throw new UpstreamFault('upstream_no_subject', 'GitHub did not say who you are.', 'Try again.')
    const name = readText(ownMember(user, 'name'), 320)
    const email = primaryOf(await this.#ask('/user/emails', token))
    const organisations = this.#wantsOrganisations ? await this.#organisations(token) : []
    return {
      id: accountId(this.#site, String(id)),
      issuer: this.#site,
      subject: String(id),
      username: login,
      groups: organisations,
      tenants: organisations,
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
    }
  }

  async #organisations(token: string): Promise<string[]> {
    const found: string[] = []
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const listed = objectsIn(await this.#ask(`/user/orgs?per_page=${PAGE}&page=${page}`, token))
      found.push(...listed.flatMap((one) => readText(ownMember(one, 'login'), 100) ?? []))
      if (listed.length < PAGE) break
    }
    return found
  }

  async #ask(path: string, token: string): Promise<unknown> {
    const answer = await this.#fetch(`${this.#api}${path}`, {
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'ssh-mcp-bridge',
        'x-github-api-version': '2022-11-28',
      },
    })
    if (answer.ok) return answer.json()
    const place = path.split('?')[0]
    throw new UpstreamFault(
      answer.status >= 500 ? 'upstream_unreachable' : 'upstream_refused',
      `GitHub did not answer who you are (${answer.status} for ${place}).`,
      'The application at GitHub needs the scopes read:user and user:email, and read:org for organisations; a GitHub App needs the same as account permissions.',
    )
  }

  get #wantsOrganisations(): boolean {
    return this.#settings.allowedTenants !== undefined || wantsGroups(this.#settings)
  }

  #scopes(): readonly string[] {
    const usual = ['read:user', 'user:email', ...(this.#wantsOrganisations ? ['read:org'] : [])]
    return this.#settings.scopes ?? usual
  }

  #configuration(library: Library): Configuration {
    const { clientId, clientSecret } = this.#settings
    const server = {
      issuer: this.#site,
      authorization_endpoint: `${this.#site}/login/oauth/authorize`,
      token_endpoint: `${this.#site}/login/oauth/access_token`,
    }
    const configuration = new library.Configuration(
      server,
      clientId,
      undefined,
      library.ClientSecretPost(clientSecret),
    )
    configuration[library.customFetch] = (address, options) => this.#fetch(address, options as RequestInit)
    if (this.#site.startsWith('http:')) library.allowInsecureRequests(configuration)
    return configuration
  }
}

/** The address that GitHub writes to, and has written to. */
function primaryOf(listed: unknown): string | undefined {
  const primary = objectsIn(listed).find(
    (one) => ownMember(one, 'primary') === true && ownMember(one, 'verified') === true,
  )
  return primary && readText(ownMember(primary, 'email'), 320)
}

function objectsIn(listed: unknown): JsonObject[] {
  return Array.isArray(listed) ? listed.filter(isJsonObject) : []
}
