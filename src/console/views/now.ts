import * as z from 'zod'
import { defineView } from '../view.ts'

/** What is going on: calls that are being carried out, at every instance; sessions and terminals that are open; the instances. */
export const now = defineView({
  name: 'now',
  roles: ['viewer'],
  input: z.strictObject({}),
  async look(_, _viewer, { eyes, bridge }) {
    const [calls, sessions, instances] = await Promise.all([
      eyes.liveCalls(),
      eyes.liveSessions(),
      eyes.instances(),
    ])
    return {
      at: bridge.clock.now().toISOString(),
      calls: calls.map(({ startedAt, ...call }) => ({ ...call, started_at: startedAt.toISOString() })),
      sessions: sessions.map(({ createdAt, lastUsedAt, isHeld, ...session }) => ({
        ...session,
        created_at: createdAt.toISOString(),
        last_used_at: lastUsedAt.toISOString(),
        is_held: isHeld,
      })),
      terminals: eyes.liveTerminals().map(({ createdAt, lastUsedAt, ...terminal }) => ({
        ...terminal,
        created_at: createdAt.toISOString(),
        last_used_at: lastUsedAt.toISOString(),
      })),
      instances: instances.map(({ startedAt, seenAt, isThis, decidesAlike, ...instance }) => ({
        ...instance,
        started_at: startedAt.toISOString(),
        seen_at: seenAt.toISOString(),
        is_this: isThis,
        decides_alike: decidesAlike,
      })),
    }
  },
})
