import { type JsonObject, ownMember, readText } from '../../lib/claim-path.ts'
import type { UpstreamProvider } from './settings.ts'

/** How one OpenID provider says who somebody is. */
export interface Dialect {
  /** Asked for beside `openid profile email` where groups matter. */
  readonly groupScopes: readonly string[]
  /** The stable id; never an e-mail address or a name, which may become somebody else's. */
  readonly subject: (claims: JsonObject) => string | undefined
  /** What stands in place of the issuer where one provider has several for the same person. */
  readonly issuer?: string
  readonly isEmailVerified: (claims: JsonObject) => boolean
  /** Undefined: it knows no tenants. */
  readonly tenant?: string
  /** OpenID Connect Core §3.1.2.1: how the person is asked who they are although the provider knows. */
  readonly again: 'login' | 'select_account'
  /** What may be missing in the ID token is asked for at the UserInfo endpoint. */
  readonly hasUserInfo: boolean
}

const sub = (claims: JsonObject) => readText(ownMember(claims, 'sub'), 255)
/** Some write it as text. */
const isTrue = (value: unknown) => value === true || value === 'true'
const emailVerified = (claims: JsonObject) => isTrue(ownMember(claims, 'email_verified'))

const GENERIC: Dialect = {
  groupScopes: [],
  subject: sub,
  isEmailVerified: emailVerified,
  again: 'login',
  hasUserInfo: true,
}

export const DIALECTS: Readonly<Record<Exclude<UpstreamProvider, 'github'>, Dialect>> = {
  generic: GENERIC,
  keycloak: GENERIC,
  auth0: { ...GENERIC, tenant: 'org_id' },
  // Its own servers give the claim only to who asks for it.
  okta: { ...GENERIC, groupScopes: ['groups'] },
  google: { ...GENERIC, tenant: 'hd', again: 'select_account', hasUserInfo: false },
  entra: {
    groupScopes: [],
    // `sub` is another one for every application; tenant and object id are the person.
    subject: (claims) => {
      const [tid, oid] = ['tid', 'oid'].map((name) => readText(ownMember(claims, name), 100)?.toLowerCase())
      return tid === undefined || oid === undefined ? undefined : `${tid}:${oid}`
    },
    issuer: 'https://login.microsoftonline.com',
    // Whoever owns a tenant writes any address into `email`. This optional claim says that the tenant owns the domain.
    isEmailVerified: (claims) => {
      const owned = ownMember(claims, 'xms_edov')
      return isTrue(owned) || owned === 1 || owned === '1'
    },
    tenant: 'tid',
    again: 'select_account',
    hasUserInfo: false,
  },
}
