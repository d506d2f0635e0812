import { createHash, timingSafeEqual } from 'node:crypto'

/** Somebody who can sign in here. */
export interface EmbeddedUser {
  /** Typed into the form; also the token's `sub`. */
  readonly username: string
  readonly password: string
  readonly email: string
  readonly name: string
  /** The most this user can give a client. Absent: every scope the server offers. */
  readonly scopes?: readonly string[]
  /** Further claims of the access token, such as `groups`. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The user whose name and password these are. An unknown name costs as much time as a wrong password. */
export function findUser(
  users: readonly EmbeddedUser[],
  username: string,
  password: string,
): EmbeddedUser | undefined {
  const known = users.find((user) => user.username === username)
  const matches = timingSafeEqual(digest(password), digest(known?.password ?? ''))
  return known !== undefined && matches ? known : undefined
}

/** What is said of a user in the access token, so that a resource server can name the human without asking back. */
export function tokenClaims(user: EmbeddedUser): Record<string, unknown> {
  return { ...user.claims, email: user.email, name: user.name, preferred_username: user.username }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
