import type { Log } from '../domain/log.ts'
import type { Receipts } from '../domain/receipt.ts'
import type { SigningKey } from '../evidence/keys.ts'
import { signStatement } from '../evidence/statement.ts'
import type { Clock } from '../lib/clock.ts'
import { outputDigests } from '../pipeline/output-digests.ts'
import { endOf } from '../store/audit-lines.ts'
import type { Database } from '../store/sql/database.ts'

export interface ReceiptParts {
  readonly database: Database
  /** The log's own name. */
  readonly log: string
  readonly key: () => SigningKey
  readonly isOn: () => boolean
  readonly clock: Clock
  readonly tell: Pick<Log, 'warn'>
}

/** Signs for callers what they were answered. */
export function receiptsOf({ database, log, key, isOn, clock, tell }: ReceiptParts): Receipts {
  return {
    async receiptOf(call, { stdout, stderr }) {
      if (!isOn()) return undefined
      try {
        const record = await endOf(database, call.id)
        if (record === undefined) return undefined
        const digests = outputDigests({ stdout, stderr })
        const facts = {
          log,
          call: call.id,
          signed: record.seq,
          hash: record.hash,
          stdout_sha256: digests.stdout,
          stderr_sha256: digests.stderr,
          at: clock.now().toISOString(),
        }
        return { type: 'receipt', ...signStatement('receipt', facts, key()) }
      } catch (cause) {
        tell.warn('A receipt could not be written', { call: call.id, cause: String(cause) })
        return undefined
      }
    },
  }
}
