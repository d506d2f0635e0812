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

const change = objectOf<LockChange>({ what: keyOf({ added: 0, removed: 0 }), lock, by: text }, {})

const file = objectOf<{ readonly version: 1 } & Omit<KnownLocks, 'kind'>>(
  { version: exactly(1), locks: listOf(lock), unrecorded: listOf(change) },
  {},
)

/** For people to read too: a line for each member. */
export function lockFileText({ locks, unrecorded }: KnownLocks): string {
  return `${JSON.stringify({ version: 1, locks, unrecorded }, null, 2)}\n`
}

/** @throws SyntaxError or TypeError unless the whole text is a lock file, with nothing missing, unknown or of another type. */
export function parseLockFile(written: string): KnownLocks {
  const { locks, unrecorded } = file(JSON.parse(written))
  return { kind: 'known', locks, unrecorded }
}
