/** Somebody whom the bridge itself signs in, with `mode: embedded`. What proves them is kept with them; none of it may leave the store. */
export interface User {
  /** `user_` and 128 random bits: the `sub` of their tokens, never given to anybody else. */
  readonly id: string
  /** What is typed at sign-in. Lower case; no two users have the same. */
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly groups: readonly string[]
  /** The most that they may give to a client. */
  readonly scopes: readonly string[]
  readonly isDisabled: boolean
  readonly addedAt: Date
  /** Argon2id, as a PHC string. Absent until it is chosen at the set-up link. */
  readonly passwordHash?: string
  /** When that password was chosen: what was signed in or given before does not count any more. */
  readonly passwordAt?: Date
  readonly totp?: UserTotp
  readonly setUp?: SetUpLink
}

/** RFC 6238. A code is taken once: those of `usedStep` and of every step before it are spent. */
export interface UserTotp {
  readonly secret: string
  readonly usedStep: number
}

/** A right to choose a password, once. Only the digest is kept of what the link says. */
export interface SetUpLink {
  readonly sha256: string
  readonly expiresAt: Date
}

/** Users where several processes read and change them. Nothing is remembered between two calls: what another wrote counts at once. */
export interface UserStore {
  list(): Promise<readonly User[]>
  find(id: string): Promise<User | undefined>
  /**
   * One change at a time, by whichever process. `edit` is given all users as they are and answers what is to be written for one of
   * them; `removed` takes it away, `undefined` leaves all as it is. What it throws is passed on, and nothing is changed.
   */
  change(edit: (users: readonly User[]) => UserChange | undefined): Promise<void>
}

/** `event` is on record with the change, or neither is. */
export type UserChange = ({ readonly saved: User } | { readonly removed: User }) & {
  readonly event?: UserEvent
}

/** What was done about a user at the command line. */
export interface UserEvent {
  readonly type: `user.${'added' | 'changed' | 'reset' | 'disabled' | 'enabled' | 'removed'}`
  readonly at: Date
  readonly user: Pick<User, 'id' | 'username' | 'groups' | 'scopes'>
  readonly by: string
}

const USER_ID = /^user_[A-Za-z0-9_-]{22}$/
/** Also the local part and more of an e-mail address, which many people like to sign in with. */
const USERNAME = /^[a-z0-9][a-z0-9._+@-]{0,62}$/

export function isUserId(text: string): boolean {
  return USER_ID.test(text)
}

export function isUsername(text: string): boolean {
  return USERNAME.test(text)
}
