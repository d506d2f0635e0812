import type { Edge } from '../domain/call.ts'
import type { Lock } from '../domain/lock.ts'
import type { Principal } from '../domain/principal.ts'

/** Somebody who has used the bridge. */
export interface KnownPerson {
  readonly issuer: string
  readonly subject: string
  readonly method: Principal['method']
  readonly name?: string
  readonly email?: string
  readonly firstAt: Date
  readonly lastAt: Date
  /** Those that last were used, first. */
  readonly clients: readonly { readonly id: string; readonly name?: string; readonly lastAt: Date }[]
  readonly doors: readonly { readonly door: Edge | 'sign_in'; readonly lastAt: Date }[]
  /** In the last 24 hours and in the last 7 days, counted by whole hours. */
  readonly day: CountedCalls
  readonly week: CountedCalls
  /** Those that hold this person, whatever they use. */
  readonly locks: readonly Lock[]
}

export interface CountedCalls {
  readonly calls: number
  readonly refused: number
}

/** A key of the configuration; nothing of what proves it. */
export interface KeyFacts {
  readonly name: string
  readonly scopes: readonly string[] | 'all'
  readonly roles: readonly string[]
  readonly expiresAt?: Date
  readonly lastAt?: Date
  readonly locks: readonly Lock[]
}

/** A user of the built-in login; nothing of what proves them. */
export interface UserFacts {
  readonly id: string
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly isDisabled: boolean
  readonly hasPassword: boolean
  readonly hasCode: boolean
  readonly addedAt: Date
  readonly signedInAt?: Date
  readonly lastAt?: Date
}

export interface ClientFacts {
  readonly id: string
  /** Anybody may have chosen it. */
  readonly name?: string
  readonly redirects: readonly string[]
  readonly registeredAt: string
  /** When it last got a token, to the day. */
  readonly usedAt?: string
  readonly locks: readonly Lock[]
}

/** Each is a consent that still gives new access tokens: a family of refresh tokens. */
export interface FamilyFacts {
  readonly subject: string
  readonly client: string
  readonly endsAt?: Date
}

export interface OwnLoginFacts {
  readonly issuer: string
  /** Absent: people sign in at an upstream provider. */
  readonly users?: readonly UserFacts[]
  readonly clients: readonly ClientFacts[]
  /** Absent: there are too many to open them for a page. */
  readonly families?: readonly FamilyFacts[]
}

/** Who there is. Made by `app`; no audit record and nothing secret is in it. */
export interface PeopleEyes {
  people(text: string, most: number): Promise<{ people: readonly KnownPerson[]; total: number }>
  keys(): Promise<readonly KeyFacts[]>
  /** Undefined where the bridge is no authorization server. */
  login(): Promise<OwnLoginFacts | undefined>
}
