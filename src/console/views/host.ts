import * as z from 'zod'
import { BridgeError } from '../../domain/errors.ts'
import { shapeFacts } from '../../pipeline/shape-facts.ts'
import { wireLock } from '../../pipeline/wire-lock.ts'
import { defineView } from '../view.ts'
import { contactOf, factsOf, hostOf } from './wire-host.ts'

/** One host, as far as it is known without asking it. */
export const host = defineView({
  name: 'host',
  roles: ['viewer'],
  input: z.strictObject({ name: z.string().min(1).max(63) }),
  async look({ name }, _viewer, { eyes, bridge }) {
    const found = eyes.hosts.find(name)
    const sight = found && (await eyes.hosts.sightOf(found.host.name))
    if (found === undefined || sight === undefined)
      throw new BridgeError('host_not_found', `No host of that name is configured: ${name}.`)
    const { facts, keys, arePinned, ...contact } = sight
    const sessions = await eyes.liveSessions()
    const locks = bridge.locks
      .inForce()
      .filter(({ on }) => on.kind === 'all' || (on.kind === 'host' && on.host === name))
    return {
      ...hostOf(found),
      contact: contactOf(contact),
      keys,
      are_pinned: arePinned,
      ...(facts && { facts: factsOf(shapeFacts(facts, bridge)) }),
      sessions: sessions
        .filter((session) => session.host === name)
        .map(({ who, name: called, lastUsedAt, isHeld }) => ({
          person: who.name,
          ...(called !== undefined && { name: called }),
          last_used_at: lastUsedAt.toISOString(),
          is_held: isHeld,
        })),
      locks: locks.map(wireLock),
    }
  },
})
