import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import type { SshExecutor } from '../ssh/executor.ts'
import { declareLost } from '../store/lease.ts'
import { forgetLostMail } from '../store/mail.ts'
import { finishOpenCalls } from '../store/open-calls.ts'
import type { PeerMail } from '../store/peer-mail.ts'
import type { Store } from './open-store.ts'

/** How often an instance says that it lives, and looks after the others. */
const EVERY_MS = 1_000
/** How long what a lost instance still does gets to end, before it comes back as another one. */
const ENDING_MS = 15_000

export interface Replica {
  readonly store: Store
  readonly bridge: Bridge
  readonly ssh: Pick<SshExecutor, 'endTerminals'>
  readonly peers: PeerMail
  readonly clock: Clock
  readonly log: Log
  /** Takes over the commands of instances that are no more. */
  readonly takeOver: () => Promise<void>
  /** What it lets go of then goes on, and is for others to end. */
  readonly isStopping: () => boolean
}

export interface Following {
  /** The others were looked after for the first time. */
  readonly looked: Promise<void>
  /** After the signal: nothing of it asks the database any more. */
  readonly ended: Promise<unknown>
}

/**
 * Keeps the lease of this instance, and looks after what others have left: whoever is silent is declared lost, and what it had is taken over
 * or put on record as unknown. An instance that was declared lost itself ends all that it does and comes back as another one.
 */
export function followInstances(replica: Replica, signal: AbortSignal): Following {
  const { log } = replica
  let hasLooked = () => {}
  const looked = new Promise<void>((resolve) => {
    hasLooked = resolve
  })
  const look = () => lookAfterOthers(replica).finally(hasLooked)
  const loops = [
    repeatedly('The lease of this instance cannot be renewed', () => keepLease(replica, signal)),
    repeatedly('What other instances have left cannot be looked after', look),
  ]
  return { looked, ended: Promise.all(loops) }

  async function repeatedly(fault: string, work: () => Promise<void>): Promise<void> {
    let isWell = true
    while (!signal.aborted) {
      try {
        await work()
        isWell = true
      } catch (cause) {
        // Said once: the database tells by itself that it is away.
        if (isWell && !signal.aborted) log.error(fault, { cause: String(cause) })
        isWell = false
      }
      await replica.clock.sleep(EVERY_MS, signal).catch(() => undefined)
    }
  }
}

async function keepLease(replica: Replica, signal: AbortSignal): Promise<void> {
  const { store, clock, log } = replica
  const { membership, audit } = store
  if (!(await membership.renew())) await comeBack(replica, signal)
  const from = membership.cameBackFrom
  if (from === undefined) return
  await audit.rejoin((refused) => ({
    type: 'instance.fenced',
    at: clock.now(),
    instance: from.id,
    now: membership.id,
    refused,
    awayMs: from.awayMs,
  }))
  membership.cameBackFrom = undefined
  log.warn('This instance is back', { was: from.id, instance: membership.id })
}

async function comeBack({ store, bridge, ssh, log }: Replica, signal: AbortSignal): Promise<void> {
  const { membership, audit } = store
  log.error(
    'The other instances have given up this one: what it does is ended, and it comes back as a new one',
    {
      instance: membership.id,
    },
  )
  audit.fence()
  ssh.endTerminals(() => true)
  // What is detached is let go of: somebody else follows it. What is attached is ended on its host, since nobody else can.
  bridge.running.end('shutting_down')
  const enough = AbortSignal.any([signal, AbortSignal.timeout(ENDING_MS)])
  await bridge.running.whenIdle(enough).catch(() => undefined)
  bridge.commands.letGo()
  await membership.rejoin()
}

async function lookAfterOthers(replica: Replica): Promise<void> {
  const { store, peers, clock, log, takeOver } = replica
  const { database, membership } = store
  await peers.look()
  if (!membership.isSure()) return
  const silent = await declareLost(database, membership, clock.now())
  for (const { id, process } of silent) log.warn('An instance was declared lost', { instance: id, process })
  if (silent.length > 0) {
    store.appended(silent.length)
    await forgetLostMail(database)
  }
  try {
    await takeOver()
  } finally {
    await finishLeft(replica)
  }
}

async function finishLeft({ store, bridge, clock, log, isStopping }: Replica): Promise<void> {
  const { database, membership } = store
  const left = await finishOpenCalls(
    database,
    membership,
    clock.now(),
    (instance) =>
      instance === membership.id
        ? 'its end could not be put on record when it came'
        : `${instance}, the instance that carried it out, was lost`,
    (call) => isStopping() || bridge.running.has(call),
  )
  if (left === 0) return
  store.appended(left)
  log.warn(`Of ${left} calls it is on record that nobody can say how they ended`)
}
