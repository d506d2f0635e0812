import { CONSOLE_CLIENT } from '../authserver/known-clients.ts'
import { Registrations } from '../authserver/registrations.ts'
import type {
  FamilyFacts,
  KnownPerson,
  OwnLoginFacts,
  PeopleEyes,
  UserFacts,
} from '../console/people-eyes.ts'
import type { Lock, LockTarget } from '../domain/lock.ts'
import type { Principal } from '../domain/principal.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import type { User } from '../domain/user.ts'
import { underLocks } from '../policy/under-locks.ts'
import { lastSeen, listSeen, type SeenPerson } from '../store/seen-rows.ts'
import { UserRows } from '../store/user-rows.ts'
import type { OpenCore } from './core.ts'

/** Each has to be unsealed. */
const MOST_FAMILIES = 2_000

/** Who there is, from what was seen, the configuration and the built-in login. */
export function peopleEyes(core: OpenCore, state: SealedState): PeopleEyes {
  const { database, clock, log, bridge } = core
  const locksOf = (isIt: (on: LockTarget) => boolean) => bridge.locks.inForce().filter(({ on }) => isIt(on))
  const embedded = () => core.config().server.auth.oauth?.embedded
  const registrations = new Registrations(state, clock, () => 0)

  return {
    async people(text, most) {
      const [{ people, total }, names] = await Promise.all([
        listSeen(database, { text, nowMs: clock.now().getTime(), most }),
        clientNames(),
      ])
      return { people: people.map((one) => knownPerson(one, names, (who) => locksOn(who, core))), total }
    },
    async keys() {
      const last = await lastSeen(database, 'api-key')
      return core.config().server.auth.apiKeys.map(({ name, scopes, roles, expiresAt }) => ({
        ...{ name, scopes, roles },
        ...(expiresAt !== undefined && { expiresAt }),
        ...at('lastAt', last.get(name)),
        locks: locksOf((on) => on.kind === 'api_key' && on.name === name),
      }))
    },
    async login() {
      const own = embedded()
      if (own === undefined) return undefined
      const [clients, families] = await Promise.all([clientFacts(), familyFacts(state)])
      return {
        issuer: own.issuer,
        ...(own.upstream === undefined && { users: await userFacts(own.issuer) }),
        clients,
        ...(families && { families }),
      }
    },
  }

  async function clientNames(): Promise<ReadonlyMap<string, string>> {
    const all = embedded() === undefined ? [] : await registrations.list()
    const named = all.map(({ id, metadata }) => [id, String(metadata.client_name ?? '')] as const)
    return new Map([...named, [CONSOLE_CLIENT, 'Console of this bridge'] as const])
  }

  async function userFacts(issuer: string): Promise<readonly UserFacts[]> {
    const [users, last, signedIn] = await Promise.all([
      new UserRows(database, log).list(),
      lastSeen(database, issuer),
      lastSeen(database, issuer, 'sign_in'),
    ])
    return users.map((user) => ({
      ...withoutProof(user),
      hasPassword: user.passwordHash !== undefined,
      hasCode: user.totp !== undefined,
      ...at('signedInAt', signedIn.get(user.id)),
      ...at('lastAt', last.get(user.id)),
    }))
  }

  async function clientFacts(): Promise<OwnLoginFacts['clients']> {
    return (await registrations.list()).map(({ id, metadata, registeredAt, usedAt }) => ({
      id,
      ...(metadata.client_name !== undefined && { name: String(metadata.client_name) }),
      redirects: [metadata.redirect_uris ?? []].flat().map(String),
      registeredAt,
      ...(usedAt !== undefined && { usedAt }),
      locks: locksOf((on) => on.kind === 'client' && on.client === id),
    }))
  }
}

/** What proves somebody leaves the store in no view. */
function withoutProof(user: User): Omit<User, 'passwordHash' | 'passwordAt' | 'totp' | 'setUp'> {
  // guard: no-password-on-pages
  const { passwordHash: _, passwordAt: __, totp: ___, setUp: ____, ...told } = user
  return told
}

/** Those that refuse whatever this person asks, as the bridge itself decides it. */
function locksOn(who: Pick<Principal, 'issuer' | 'subject' | 'method' | 'email'>, core: OpenCore): Lock[] {
  const principal = { ...who, groups: [], roles: [], scopes: new Set<string>() }
  const call = { principal, action: { kind: 'list_hosts' } } as const
  return core.bridge.locks.inForce().filter((lock) => {
    if (lock.on.kind === 'all') return false
    return underLocks(call, { verdict: 'allow', rule: '' }, [lock], core.config().people).verdict === 'deny'
  })
}

function knownPerson(
  { person, ways, method, ...seen }: SeenPerson,
  names: ReadonlyMap<string, string>,
  locksOnThem: (who: Pick<Principal, 'issuer' | 'subject' | 'method' | 'email'>) => readonly Lock[],
): KnownPerson {
  const [issuer, subject] = JSON.parse(person) as [string, string]
  const who = { issuer, subject, method: method as Principal['method'] }
  // Newest first: what comes later of the same client or door is older.
  const clients = new Map([...ways].reverse().map(({ client, lastAt }) => [client, lastAt]))
  const doors = new Map([...ways].reverse().map(({ door, lastAt }) => [door, lastAt]))
  clients.delete('')
  return {
    ...who,
    ...seen,
    clients: [...clients].reverse().map(([id, lastAt]) => {
      const name = names.get(id)
      return { id, ...(name && { name }), lastAt }
    }),
    doors: [...doors].reverse().map(([door, lastAt]) => ({
      door: door as KnownPerson['doors'][number]['door'],
      lastAt,
    })),
    locks: locksOnThem({ ...who, ...(seen.email !== undefined && { email: seen.email }) }),
  }
}

/** Undefined: too many. A refresh token that was used is gone, so there is one for each family. */
async function familyFacts(state: SealedState): Promise<readonly FamilyFacts[] | undefined> {
  if ((await state.count('refresh_token')) > MOST_FAMILIES) return undefined
  return (await state.list('refresh_token')).map(({ value, expiresAt }) => {
    const { accountId = '', clientId = '' } = value as { accountId?: string; clientId?: string }
    return { subject: accountId, client: clientId, ...at('endsAt', expiresAt) }
  })
}

function at<Name extends string>(name: Name, when: Date | undefined): { readonly [N in Name]?: Date } {
  return when === undefined ? {} : ({ [name]: when } as { readonly [N in Name]: Date })
}
