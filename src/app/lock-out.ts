import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { SshExecutor } from '../ssh/executor.ts'

export interface LockedOut {
  readonly bridge: Bridge
  readonly ssh: SshExecutor
  readonly links: TransferLinks
  readonly log: Log
}

/** Whenever a lock comes into force, ends what it holds: terminals, links, requests that wait for people, and calls, commands among them. */
export function endWhatIsLocked({ bridge, ssh, links, log }: LockedOut): void {
  const { locks, approvals, running } = bridge
  locks.whenLocked(() => {
    const holds = (call: Call) => locks.holds(call)
    ssh.endTerminals(holds, 'locked')
    links.endWhere(holds)
    for (const waiting of approvals.list())
      if (waiting.state === 'waiting' && holds(waiting.request.call))
        approvals
          .end(waiting, 'waiting', 'denied', 'it was locked by an operator')
          .catch((cause: unknown) => log.error('A request could not be ended', { cause: String(cause) }))
    // guard: locks-end-work
    return running.end('locked', holds)
  })
}
