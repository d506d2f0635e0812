import { isHostName } from '../domain/host.ts'
import { isLockId, type KnownLocks, type Lock, type LockChange, type LockTarget } from '../domain/lock.ts'
import {
  branded,
  exactly,
  instant,
  keyOf,
  listOf,
  objectOf,
  type Shape,
  text,
  unionBy,
} from './exact-shape.ts'

type PersonTarget = Extract<LockTarget, { kind: 'person' }>

const byEmail = objectOf<Extract<PersonTarget, { email: string }>>(
  { kind: exactly('person'), email: text },
  {},
)
const byIssuer = objectOf<Extract<PersonTarget, { issuer: string }>>(
  { kind: exactly('person'), issuer: text, subject: text },
  {},
)

export const lockTarget = unionBy<LockTarget, 'kind'>('kind', {
  person: (value) => (Object.hasOwn(Object(value) as object, 'email') ? byEmail(value) : byIssuer(value)),
  client: objectOf({ kind: exactly('client'), client: text }, {}),
  api_key: objectOf({ kind: exactly('api_key'), name: text }, {}),
  host: objectOf({ kind: exactly('host'), host: branded(isHostName) }, {}),
  all: objectOf({ kind: exactly('all') }, {}),
})

const id: Shape<string> = (value) => {
  const given = text(value)
  if (isLockId(given)) return given
  throw new TypeError('not the id of a lock')
}

const lock = objectOf<Lock>(
  { id, on: lockTarget, reason: text, by: text, at: instant },
  { expiresAt: instant },
)

const change = objectOf<LockChange>(
  { what: keyOf({ added: 0, removed: 0 }), lock, by: text },
  { taken: objectOf<NonNullable<LockChange['taken']>>({ by: text, until: instant }, {}) },
)

const known = objectOf<{ readonly version: 1 } & Omit<KnownLocks, 'kind'>>(
  { version: exactly(1), locks: listOf(lock), unrecorded: listOf(change) },
  {},
)

export function lockText({ locks, unrecorded }: KnownLocks): string {
  return JSON.stringify({ version: 1, locks, unrecorded })
}

/** @throws SyntaxError or TypeError unless the whole text is what `lockText` writes, with nothing missing, unknown or of another type. */
export function parseLocks(written: string): KnownLocks {
  const { locks, unrecorded } = known(JSON.parse(written))
  return { kind: 'known', locks, unrecorded }
}

/** What stands of a lock in the records of the audit. */
export function lockFacts({ id, on, reason, by, at, expiresAt }: Lock) {
  return { lock: id, on, reason, by, since: at.toISOString(), expires: expiresAt?.toISOString() }
}
