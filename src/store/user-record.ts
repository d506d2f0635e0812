import { isUserId, isUsername, type SetUpLink, type User, type UserTotp } from '../domain/user.ts'
import { exactly, finite, flag, instant, listOf, objectOf, type Shape, text } from './exact-shape.ts'

const id: Shape<string> = (value) => only(text(value), isUserId)
const username: Shape<string> = (value) => only(text(value), isUsername)

const user = objectOf<{ readonly version: 1 } & User>(
  {
    version: exactly(1),
    id,
    username,
    groups: listOf(text),
    scopes: listOf(text),
    isDisabled: flag,
    addedAt: instant,
  },
  {
    name: text,
    email: text,
    passwordHash: text,
    passwordAt: instant,
    totp: objectOf<UserTotp>({ secret: text, usedStep: finite }, {}),
    setUp: objectOf<SetUpLink>({ sha256: text, expiresAt: instant }, {}),
  },
)

/** For people to read too: a line for each member. */
export function userText(written: User): string {
  return `${JSON.stringify({ version: 1, ...written }, null, 2)}\n`
}

/** @throws SyntaxError or TypeError unless the whole text is a user, with nothing missing, unknown or of another type. */
export function parseUser(written: string): User {
  const { version: _, ...read } = user(JSON.parse(written))
  return read
}

function only(given: string, isSound: (text: string) => boolean): string {
  if (isSound(given)) return given
  throw new TypeError('not a user of the bridge')
}
