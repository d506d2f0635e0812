import type { HostTarget } from '../../src/domain/host.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { Pool } from '../../src/ssh/pool/pool.ts'
import { createOpenSftp } from '../../src/ssh/sftp/open-sftp.ts'
import type { SftpSession } from '../../src/ssh/sftp/sftp.ts'

/** SFTP sessions on test hosts, without rules, audit and answers around them. */
export function sftpRunner(targets: readonly HostTarget[], clock: Clock = systemClock) {
  const quiet = () => {}
  const pool = new Pool({
    target: (name) => targets.find(({ host }) => host.name === name),
    settings: {
      knownHostsFiles: [],
      connectTimeoutMs: 10_000,
      keepaliveMs: 15_000,
      maxSessionsPerHost: 5,
      idleTimeoutMs: 60_000,
      cleanupIntervalMs: 60_000,
    },
    clock,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  const openSftp = createOpenSftp(pool, clock)
  /** Of the first target unless another is named; throws where none is begun. */
  const open = async (
    options: { readonly sudo?: boolean; readonly target?: HostTarget; readonly owner?: string } = {},
  ): Promise<SftpSession> => {
    const { sudo = false, target = targets[0], owner = 'user@example.com' } = options
    if (target === undefined) throw new Error('no target')
    const where = { owner, host: target.host.name }
    const session = await openSftp(where, target, { sudo }, new AbortController().signal)
    if ('kind' in session) throw new Error(`${session.code}: ${session.message} ${session.detail ?? ''}`)
    return session
  }
  return { pool, openSftp, open, close: () => pool.close() }
}
