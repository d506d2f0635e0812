import type { Answer, LockAnswer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import type { Lock, LockAction, LockTarget } from '../../domain/lock.ts'
import { principalName } from '../../domain/principal.ts'
import { randomId } from '../../lib/ids.ts'
import { never } from '../../lib/never.ts'
import type { Bridge } from '../bridge.ts'

type Failed = Extract<Answer, { readonly kind: 'failed' }>

/** More than these nobody can oversee. */
const MOST_LOCKS = 10_000

/** What an operator asked about locks. A lock holds, and has ended what it holds, before this resolves. */
export async function lockAction(
  call: Call,
  action: LockAction,
  bridge: Bridge,
): Promise<LockAnswer | Failed> {
  const { locks } = bridge
  switch (action.kind) {
    case 'list_locks':
      return { kind: 'locks', locks: locks.inForce() }
    case 'add_lock': {
      const refused = refusal(action.on, bridge)
      if (refused !== undefined) return failed('bad_request', refused)
      const lock = newLock(call, action, bridge)
      return { kind: 'lock_added', lock, endedCalls: await locks.add(lock) }
    }
    case 'remove_lock': {
      const lock = await locks.remove(action.lock, principalName(call.principal))
      return lock ? { kind: 'lock_removed', lock } : failed('lock_not_found', 'There is no such lock.')
    }
    default:
      return never(action)
  }
}

/** A name that is mistyped would lock nothing, and nobody would notice. People and clients are not listed anywhere. */
function refusal(on: LockTarget, { hosts, locks }: Bridge): string | undefined {
  if (locks.inForce().length >= MOST_LOCKS) return `There are ${MOST_LOCKS} locks already; lift some first.`
  if (on.kind === 'host' && hosts.find(on.host) === undefined) return `No host is named ${on.host}.`
  if (on.kind === 'api_key' && !locks.hasApiKey(on.name)) return `No API key is named ${on.name}.`
  return undefined
}

function newLock(
  { principal }: Call,
  { on, reason, forMs }: Extract<LockAction, { kind: 'add_lock' }>,
  { clock }: Bridge,
): Lock {
  const at = clock.now()
  return {
    id: randomId('lock'),
    on,
    reason,
    by: principalName(principal),
    at,
    ...(forMs !== undefined && { expiresAt: new Date(at.getTime() + forMs) }),
  }
}

function failed(code: ErrorCode, message: string): Failed {
  return { kind: 'failed', code, message }
}
