import { hashPassword, passwordFault } from '../authserver/users/password.ts'
import { SET_UP_PATH, setUpDigest } from '../authserver/users/set-up.ts'
import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { SetUpLink, User, UserEvent, UserStore } from '../domain/user.ts'
import { outlive, systemClock } from '../lib/clock.ts'
import { randomId, randomToken } from '../lib/ids.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { UserRows } from '../store/user-rows.ts'
import { AtCommandLine, here } from './at-command-line.ts'
import { databasePlace } from './database-place.ts'

const SET_UP_MS = 24 * 3_600_000

/** What operators say of a user. */
export interface UserFacts {
  readonly name?: string
  readonly email?: string
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
}

/**
 * The bridge's own users as the command line has them: in the database of the configuration, whether a bridge runs or not. Running
 * ones see a change with the next sign-in and the next token. Each change is on record, by who typed it.
 */
export class UsersInStore {
  readonly #line: AtCommandLine
  readonly #users: UserStore
  readonly #issuer: string

  private constructor(line: AtCommandLine, users: UserStore, issuer: string) {
    this.#line = line
    this.#users = users
    this.#issuer = issuer
  }

  static async open(config: Config, issuer: string, log: Pick<Log, 'warn'>): Promise<UsersInStore> {
    const line = await AtCommandLine.open(config)
    return new UsersInStore(line, new UserRows(line.database, log, () => line.writer()), issuer)
  }

  close(): Promise<void> {
    return this.#line.close()
  }

  /** Nothing was kept there before: it may be the wrong database. */
  get isNew(): boolean {
    return this.#line.place.isNew
  }

  list(): Promise<readonly User[]> {
    return this.#users.list()
  }

  /** Resolves to the set-up link, or to undefined where the password was given. */
  async add(username: string, facts: UserFacts, password?: string): Promise<string | undefined> {
    const fault = password === undefined ? undefined : passwordFault(password, { username, ...facts })
    if (fault !== undefined) throw new BridgeError('bad_request', `that password cannot be taken. ${fault}`)
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    const link = password === undefined ? newLink() : undefined
    const addedAt = systemClock.now()
    const user: User = {
      id: randomId('user'),
      username,
      groups: [],
      scopes: ['mcp:execute'],
      ...facts,
      isDisabled: false,
      addedAt,
      ...(passwordHash !== undefined && { passwordHash, passwordAt: addedAt }),
      ...(link && { setUp: link.kept }),
    }
    await outlive(
      this.#users.change((all) => {
        if (all.every((other) => other.username !== username))
          return { saved: user, event: eventOf('added', user) }
        throw new BridgeError(
          'bad_request',
          `there is a user ${username} already; for a new set-up link: ssh-mcp-bridge users reset ${username}`,
        )
      }),
    )
    return link && this.#issuer + link.path
  }

  /** Ends the password and the code, and resolves to a new set-up link. */
  async reset(username: string): Promise<string> {
    const link = newLink()
    await this.#edit('reset', username, ({ passwordHash: _, totp: __, ...kept }) => ({
      ...kept,
      setUp: link.kept,
    }))
    return this.#issuer + link.path
  }

  async set(username: string, facts: UserFacts): Promise<void> {
    await this.#edit('changed', username, (user) => ({ ...user, ...facts }))
  }

  async setDisabled(username: string, isDisabled: boolean): Promise<void> {
    await this.#edit(isDisabled ? 'disabled' : 'enabled', username, (user) => ({ ...user, isDisabled }))
  }

  async remove(username: string): Promise<void> {
    await outlive(
      this.#users.change((all) => {
        const user = named(username, all)
        return { removed: user, event: eventOf('removed', user) }
      }),
    )
  }

  #edit(what: Done, username: string, edit: (user: User) => User): Promise<void> {
    return outlive(
      this.#users.change((all) => {
        const saved = edit(named(username, all))
        return { saved, event: eventOf(what, saved) }
      }),
    )
  }
}

/** Those of the configuration's database; none while there is no such file. */
export async function peopleIn(config: Config): Promise<readonly User[]> {
  if (databasePlace(config).isNew) return []
  const database = await openDatabase(config.storage.url, systemClock)
  try {
    return await new UserRows(database, { warn: () => undefined }).list()
  } finally {
    await database.close()
  }
}

type Done = UserEvent['type'] extends `user.${infer What}` ? What : never

function eventOf(what: Done, { id, username, groups, scopes }: User): UserEvent {
  return { type: `user.${what}`, at: systemClock.now(), user: { id, username, groups, scopes }, by: here() }
}

function named(username: string, all: readonly User[]): User {
  const user = all.find((one) => one.username === username)
  if (user !== undefined) return user
  const others =
    all.length === 0 ? 'there is none' : `there are: ${all.map((one) => one.username).join(', ')}`
  throw new BridgeError('bad_request', `no user is named ${JSON.stringify(username)}; ${others}`)
}

function newLink(): { readonly path: string; readonly kept: SetUpLink } {
  const token = randomToken()
  const expiresAt = new Date(systemClock.now().getTime() + SET_UP_MS)
  return { path: SET_UP_PATH + token, kept: { sha256: setUpDigest(token), expiresAt } }
}
