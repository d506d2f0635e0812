import type { LoginAnswer, LoginRequest, PageAnswer } from '../../src/authserver/login.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { SealedState } from '../../src/domain/sealed-state.ts'
import type { User, UserChange, UserStore } from '../../src/domain/user.ts'
import { randomId } from '../../src/lib/ids.ts'

export const ISSUER = 'https://bridge.example.com'

/** Users that are gone after the test. */
export function memoryUsers(...begin: readonly User[]): UserStore {
  const users = new Map(begin.map((user) => [user.id, user]))
  return {
    list: async () => [...users.values()],
    find: async (id) => users.get(id),
    async change(edit: (all: readonly User[]) => UserChange | undefined) {
      const change = edit([...users.values()])
      if (change === undefined) return
      if ('removed' in change) users.delete(change.removed.id)
      else users.set(change.saved.id, change.saved)
    },
  }
}

export function someUser(username: string, more: Partial<User> = {}): User {
  return {
    id: randomId('user'),
    username,
    groups: [],
    scopes: ['mcp:execute'],
    isDisabled: false,
    addedAt: new Date('2026-01-01T00:00:00Z'),
    ...more,
  }
}

/** Keeps what was recorded. */
export function memoryAudit() {
  const events: AuditEvent[] = []
  return { events, append: async (...more: readonly AuditEvent[]) => void events.push(...more) }
}

/** A form that was posted to the page of an authorization request, or the request for that page. */
export function loginRequest(
  form?: Readonly<Record<string, string>>,
  more: Partial<LoginRequest> = {},
): LoginRequest {
  return {
    method: form === undefined ? 'GET' : 'POST',
    url: new URL(`${ISSUER}/oauth/interaction/one`),
    form: new URLSearchParams(form),
    remoteAddress: '192.0.2.7',
    interaction: 'one',
    clientName: 'A client',
    ...more,
  }
}

/** The page, or a failed test. */
export function pageOf(answer: LoginAnswer | PageAnswer | undefined) {
  if (answer?.kind === 'page') return answer
  throw new Error(`no page but ${JSON.stringify(answer)}`)
}

/** State that is gone after the test. What has expired is kept: the clock of a test may say otherwise. */
export function memoryState(): SealedState {
  const kept = new Map<string, { id: string; value: unknown }>()
  const key = (kind: string, id: string) => `${kind} ${id}`
  const ofKind = (kind: string) => [...kept].filter(([one]) => one.startsWith(`${kind} `))
  return {
    find: async (kind, id) => structuredClone(kept.get(key(kind, id))?.value),
    save: async (kind, id, value) => void kept.set(key(kind, id), { id, value: structuredClone(value) }),
    add: async (kind, id, value) => {
      if (kept.has(key(kind, id))) return false
      kept.set(key(kind, id), { id, value: structuredClone(value) })
      return true
    },
    remove: async (kind, id) => kept.delete(key(kind, id)),
    list: async (kind) => ofKind(kind).map(([, entry]) => entry),
    count: async (kind) => ofKind(kind).length,
    trim: async () => undefined,
  }
}
