import { createHash, timingSafeEqual } from 'node:crypto'
import type { Account, Login } from './login.ts'
import { loginPage } from './pages.ts'

/** Somebody who can sign in at the server of demo and tests. */
export interface EmbeddedUser {
  /** Typed into the form; also the token's `sub`. */
  readonly username: string
  readonly password: string
  readonly email: string
  readonly name: string
  /** The most this user can give a client. Absent: every scope the server offers. */
  readonly scopes?: readonly string[]
  readonly groups?: readonly string[]
}

/** A fixed list of people whose passwords are known as they are: for demo and tests, never for a bridge that serves. */
export function fixedLogin(users: readonly EmbeddedUser[], scopes: readonly string[]): Login {
  const find = async (id: string) => {
    const user = users.find(({ username }) => username === id)
    return user && accountOf(user, scopes)
  }
  return {
    find,
    page: async () => undefined,
    async signIn({ method, form }) {
      if (method === 'GET') return { kind: 'page', status: 200, html: loginPage() }
      const user = findUser(users, form.get('username') ?? '', form.get('password') ?? '')
      if (user !== undefined) return { kind: 'signed_in', account: accountOf(user, scopes) }
      return { kind: 'page', status: 401, html: loginPage('That user name and password are not known here.') }
    },
  }
}

/** The user whose name and password these are. An unknown name costs as much time as a wrong password. */
function findUser(
  users: readonly EmbeddedUser[],
  username: string,
  password: string,
): EmbeddedUser | undefined {
  const known = users.find((user) => user.username === username)
  const matches = timingSafeEqual(digest(password), digest(known?.password ?? ''))
  return known !== undefined && matches ? known : undefined
}

function accountOf(user: EmbeddedUser, scopes: readonly string[]): Account {
  const { username, name, email } = user
  return {
    id: username,
    username,
    name,
    email,
    groups: user.groups ?? [],
    scopes: user.scopes ?? scopes,
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
