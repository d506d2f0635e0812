import type { Guard } from './guard.ts'

const journey = { test: 'test/journeys/replicas.test.ts', needsBuild: true } as const

const links = { file: 'src/store/link-rows.ts', test: 'src/store/link-rows.test.ts' } as const

const linkUse = { file: 'src/pipeline/link-use.ts', test: 'src/pipeline/transfer-links.test.ts' } as const

const lease = { test: 'src/store/lease.test.ts' } as const

/** What keeps several instances on one database from doing the same, or from ending it twice. */
export const REPLICA_GUARDS: readonly Guard[] = [
  {
    name: 'silent-instances-are-lost',
    file: 'src/store/lease.ts',
    from: 'AND seen_at < ',
    to: 'AND 0 > ',
    ...lease,
    title: 'one that says that it lives is never lost, one that is silent is, and only once',
  },
  {
    name: 'no-call-without-lease',
    file: 'src/store/audit-store.ts',
    from: 'events.some(isBeginning) && !this.#mayBegin()',
    to: 'events.some(isBeginning) && false',
    ...lease,
    title: 'nothing is begun by an instance that does not know whether the others still count on it',
  },
  {
    name: 'late-writes-are-refused',
    file: 'src/store/audit-store.ts',
    from: 'events.some((event) => this.#isLate(event))',
    to: 'events.some(() => false)',
    ...lease,
    title:
      'one that comes back is another one: what it had started it never ends, what it starts then it does',
  },
  {
    name: 'letters-are-served-once',
    file: 'src/store/mail.ts',
    from: 'if (known !== undefined) continue',
    to: 'if (false) continue',
    test: 'src/store/mail.test.ts',
    title: 'each is served once, by the one that it is for, and its answer is for who sent it',
  },
  {
    name: 'own-kept-sessions',
    file: 'src/store/client-sessions.ts',
    from: 'WHERE id = $1 AND owner = $2 AND seen_at > $3',
    to: 'WHERE id = $1 AND $2 = $2 AND seen_at > $3',
    ...journey,
    title:
      'a session of the 2025 revisions goes on at any instance, for its own client alone, until it is ended at any',
  },
  {
    name: 'links-in-one-use',
    ...links,
    from: '(used_by IS NULL OR used_by = $2',
    to: '(1 = 1 OR used_by = $2',
    title: 'it is in one use at a time, which goes on where the one before has stopped',
  },
  {
    name: 'links-end-once',
    ...links,
    from: "use === undefined ? ['', []]",
    to: "use !== '' ? ['', []]",
    title: 'it is in one use at a time, which goes on where the one before has stopped',
  },
  {
    name: 'links-are-held',
    ...linkUse,
    from: 'if (await this.#around.store.isHeld(this.#link.key, this.#id)) return',
    to: 'if (this.#around.store !== undefined) return',
    title: 'that was taken from an instance gives no last bytes there, and puts nothing in place',
  },
  {
    name: 'links-used-once',
    ...linkUse,
    from: 'if (removed === undefined) throw',
    to: 'if (removed?.key === this.#id) throw',
    title: 'that was taken from an instance gives no last bytes there, and puts nothing in place',
  },
]
