import type { Config } from '../config/config.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { LockBook } from '../pipeline/locks/lock-book.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { SshExecutor } from '../ssh/executor.ts'
import { LockRows } from '../store/lock-rows.ts'
import type { Database } from '../store/sql/database.ts'

export interface LockedOut {
  readonly bridge: Bridge
  readonly ssh: SshExecutor
  readonly links: TransferLinks
  readonly log: Log
}

export interface LocksNeed {
  readonly config: () => Config
  readonly database: Database
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
}

/** The locks in the database, about people and keys as they are configured now. */
export async function openLocks({ config, database, audit, clock, log }: LocksNeed): Promise<LockBook> {
  return new LockBook({
    store: await LockRows.open(database, clock),
    audit,
    clock,
    log,
    people: () => config().people,
    apiKeys: () => config().server.auth.apiKeys.map(({ name }) => name),
  })
}

/**
 * Whenever a lock comes into force, ends what it holds: terminals, links, requests that wait for people, secrets by their handles, and calls,
 * commands among them.
 */
export function endWhatIsLocked({ bridge, ssh, links, log }: LockedOut): void {
  const { locks, approvals, running, secrets } = bridge
  locks.whenLocked(() => {
    const holds = (call: Pick<Call, 'principal' | 'action'>) => locks.holds(call)
    ssh.lockOut()
    links.endWhere(holds)
    // guard: locks-forget-secrets
    secrets.keepWhere(
      (principal, host) =>
        !locks.holds({ principal, action: { kind: 'describe_host', host, refresh: false } }),
    )
    for (const waiting of approvals.list())
      if (waiting.state === 'waiting' && holds(waiting.request.call))
        approvals
          .end(waiting, 'waiting', 'denied', 'it was locked by an operator')
          .catch((cause: unknown) => log.error('A request could not be ended', { cause: String(cause) }))
    // guard: locks-end-work
    return running.end('locked', holds)
  })
}
