import * as z from 'zod'
import type { OwnLoginFacts } from '../people-eyes.ts'
import { defineView } from '../view.ts'
import { wireLocked } from './people.ts'

/** By what people and programs may come in: keys of the configuration, and what the built-in login knows. Nothing that proves anybody. */
export const accounts = defineView({
  name: 'accounts',
  roles: ['viewer'],
  input: z.strictObject({}),
  async look(_, _viewer, { people: eyes }) {
    const [keys, login] = await Promise.all([eyes.keys(), eyes.login()])
    return {
      keys: keys.map(({ expiresAt, lastAt, locks, ...key }) => ({
        ...key,
        ...at('expires_at', expiresAt),
        ...at('last_at', lastAt),
        locks: wireLocked(locks),
      })),
      ...(login && { login: wireLogin(login) }),
    }
  },
})

function wireLogin({ issuer, users, clients, families }: OwnLoginFacts) {
  return {
    issuer,
    ...(users && {
      users: users.map(({ isDisabled, hasPassword, hasCode, addedAt, signedInAt, lastAt, ...user }) => ({
        ...user,
        is_disabled: isDisabled,
        has_password: hasPassword,
        has_code: hasCode,
        added_at: addedAt.toISOString(),
        ...at('signed_in_at', signedInAt),
        ...at('last_at', lastAt),
      })),
    }),
    clients: clients.map(({ registeredAt, usedAt, locks, ...client }) => ({
      ...client,
      registered_at: registeredAt,
      ...(usedAt !== undefined && { used_at: usedAt }),
      locks: wireLocked(locks),
    })),
    ...(families && {
      families: families.map(({ endsAt, ...family }) => ({ ...family, ...at('ends_at', endsAt) })),
    }),
  }
}

function at(name: string, when: Date | undefined): Readonly<Record<string, string>> {
  return when === undefined ? {} : { [name]: when.toISOString() }
}
