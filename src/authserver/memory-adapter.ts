import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import type { Clock } from '../lib/clock.ts'

interface Kept {
  readonly payload: AdapterPayload
  readonly endsAtMs: number
}

/** The most that is kept: registrations are open, so a client that registers for ever pushes out the oldest entries. */
const MAX_ENTRIES = 10_000

/** Where the provider keeps clients, codes, grants and browser sessions: in memory, gone when the server is closed. */
export function memoryAdapter(clock: Clock): AdapterFactory {
  const entries = new Map<string, Kept>()

  function live(key: string): AdapterPayload | undefined {
    const kept = entries.get(key)
    if (kept === undefined) return undefined
    if (kept.endsAtMs > clock.monotonicMs()) return kept.payload
    entries.delete(key)
    return undefined
  }

  function search(kind: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const key of entries.keys()) {
      const payload = key.startsWith(`${kind}:`) ? live(key) : undefined
      if (payload !== undefined && matches(payload)) return payload
    }
    return undefined
  }

  return (kind): Adapter => ({
    async upsert(id, payload, expiresInSeconds) {
      const endsAtMs = clock.monotonicMs() + (expiresInSeconds ?? Number.POSITIVE_INFINITY) * 1000
      entries.delete(`${kind}:${id}`)
      entries.set(`${kind}:${id}`, { payload, endsAtMs })
      const [oldest] = entries.keys()
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
    },
    find: async (id) => live(`${kind}:${id}`),
    findByUid: async (uid) => search(kind, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => search(kind, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = live(`${kind}:${id}`)
      if (payload !== undefined) payload.consumed = Math.floor(clock.now().getTime() / 1000)
    },
    async destroy(id) {
      entries.delete(`${kind}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
    },
  })
}
