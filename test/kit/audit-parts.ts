import type { AuditReader, RecordLine } from '../../src/domain/audit-reading.ts'
import { MadeLog, makeKey } from './evidence-log.ts'

const log = new MadeLog('log_one', makeKey()).calls(3).sign()
const records: readonly RecordLine[] = log.lines.map((line, index) => ({
  seq: index + 1,
  hash: 'a'.repeat(64),
  line,
}))

/** An audit of six records. */
export const smallAudit: AuditReader = {
  search: async ({ limit }) => ({ records: records.toReversed().slice(0, limit), unindexed: 0 }),
  after: async (after, limit) => records.slice(after, after + limit),
  verify: async () => ({ log: 'log_one', records: 6, signedTo: 5, unsigned: 1 }),
}
