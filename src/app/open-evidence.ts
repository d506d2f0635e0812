import type { Config } from '../config/config.ts'
import type { AuditReader } from '../domain/audit-reading.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Receipts } from '../domain/receipt.ts'
import { parseSigningKey, type SigningKey } from '../evidence/keys.ts'
import type { Clock } from '../lib/clock.ts'
import type { Writer } from '../store/audit-append.ts'
import { followWithIndex } from '../store/audit-index.ts'
import { keyFileStamp, signingKeyIn } from '../store/audit-key-file.ts'
import { Checkpoints } from '../store/checkpoints.ts'
import { openLog } from '../store/open-log.ts'
import type { Database } from '../store/sql/database.ts'
import { auditReader } from './audit-reader.ts'
import { followAuditRetention } from './audit-retention.ts'
import { receiptsOf } from './receipts.ts'

/** What makes the audit evidence. */
export interface Evidence {
  /** The log's own name. */
  readonly log: string
  readonly key: () => SigningKey
  readonly checkpoints: Checkpoints
  readonly reader: AuditReader
  readonly receipts: Receipts
  /** Signs what is not signed yet. */
  close(): Promise<void>
}

export interface EvidenceParts {
  readonly database: Database
  readonly writer: Writer
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

/**
 * Opens the log of the database, with its first record where it is new, and begins to sign it.
 *
 * @throws BridgeError for a key that is none, or that others may read; what the database rejects with.
 */
export async function openEvidence(config: () => Config, parts: EvidenceParts): Promise<Evidence> {
  const key = signingKeyOf(config())
  const identity = await openLog(parts.database, parts.writer, key(), parts.clock)
  const settings = config().audit.checkpoint
  const checkpoints = new Checkpoints({ ...parts, identity, key, settings })
  const closing = new AbortController()
  const indexing = followWithIndex(parts.database, parts.clock, parts.log, closing.signal)
  const pruning = followAuditRetention({ ...parts, config, key }, closing.signal)
  return {
    log: identity.log,
    key,
    checkpoints,
    receipts: receiptsOf({
      database: parts.database,
      log: identity.log,
      key,
      isOn: () => config().audit.receipts,
      clock: parts.clock,
      tell: parts.log,
    }),
    reader: auditReader(parts.database, config().storage.directory, key),
    async close() {
      closing.abort()
      await Promise.all([indexing, pruning, checkpoints.close()])
    },
  }
}

/** The key of the configuration, or the one in the storage directory, which is read again when it has become another. */
export function signingKeyOf({ audit, storage }: Config): () => SigningKey {
  if (audit.signingKey !== undefined) {
    const key = parseSigningKey(audit.signingKey)
    if (key === undefined) throw new BridgeError('internal', 'audit.signing_key is no Ed25519 key as PEM')
    return () => key
  }
  let stamp = ''
  let key: SigningKey | undefined
  return () => {
    const now = keyFileStamp(storage.directory)
    if (key === undefined || now !== stamp) {
      key = signingKeyIn(storage.directory)
      stamp = keyFileStamp(storage.directory)
    }
    return key
  }
}
