import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { SigningKey } from '../evidence/keys.ts'
import type { Clock } from '../lib/clock.ts'
import type { Writer } from '../store/audit-append.ts'
import { pruneAudit } from '../store/prune-audit.ts'
import type { Database } from '../store/sql/database.ts'

/** Between two looks. What is too old goes once a day. */
const LOOK_MS = 3_600_000

export interface AuditRetention {
  readonly database: Database
  readonly writer: Writer
  readonly config: () => Config
  readonly key: () => SigningKey
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

/** Removes what is older than the configuration says, until the signal. Never rejects. */
export async function followAuditRetention(parts: AuditRetention, signal: AbortSignal): Promise<void> {
  const { database, writer, config, key, clock, log } = parts
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
    const { retentionMs } = config().audit
    if (signal.aborted || retentionMs === undefined) continue
    const before = new Date(clock.now().getTime() - retentionMs)
    await pruneAudit(database, { before, key: key(), writer, clock }).catch((cause: unknown) =>
      log.warn('Old records of the audit could not be removed; it is tried again', { cause: String(cause) }),
    )
  }
}
