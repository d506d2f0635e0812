import * as z from 'zod'
import type { Lock } from '../../domain/lock.ts'
import { wireLock } from '../../pipeline/wire-lock.ts'
import type { KnownPerson } from '../people-eyes.ts'
import { defineView } from '../view.ts'

/** More than a page shows well: it is searched then. */
const MOST = 200

/** Who has used the bridge; times and counts alone, and never what they did. */
export const people = defineView({
  name: 'people',
  roles: ['viewer'],
  input: z.strictObject({ q: z.string().max(200).default('') }),
  async look({ q }, _, { people: eyes, bridge }) {
    const { people: all, total } = await eyes.people(q.trim(), MOST)
    return {
      at: bridge.clock.now().toISOString(),
      total,
      people: all.map(wirePerson),
      /** Those that hold everybody. */
      everybody: wireLocked(bridge.locks.inForce().filter(({ on }) => on.kind === 'all')),
    }
  },
})

function wirePerson({ firstAt, lastAt, clients, doors, locks, ...person }: KnownPerson) {
  return {
    ...person,
    first_at: firstAt.toISOString(),
    last_at: lastAt.toISOString(),
    clients: clients.map(({ lastAt: last, ...client }) => ({ ...client, last_at: last.toISOString() })),
    doors: doors.map(({ door, lastAt: last }) => ({ door, last_at: last.toISOString() })),
    locks: wireLocked(locks),
  }
}

export function wireLocked(locks: readonly Lock[]) {
  return locks.map(wireLock)
}
