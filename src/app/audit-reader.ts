import { existsSync, readFileSync } from 'node:fs'
import type { AuditReader, AuditVerified } from '../domain/audit-reading.ts'
import { parsePublicKeys, type SigningKey } from '../evidence/keys.ts'
import { verifyLines } from '../evidence/verify-lines.ts'
import { publicKeysPath } from '../store/audit-key-file.ts'
import { linesIn, pageOf } from '../store/audit-lines.ts'
import { searchAudit } from '../store/audit-search.ts'
import type { Database } from '../store/sql/database.ts'

/** The audit of a running bridge, for those who may read it. It trusts its own keys: whoever does not, verifies an export. */
export function auditReader(
  database: Database,
  storageDirectory: string,
  key: () => SigningKey,
): AuditReader {
  let verifying: Promise<AuditVerified> | undefined
  const verify = async () => {
    const keys = [...ownPublicKeys(storageDirectory), key().publicKey]
    const { bad, log, records, signedTo, unsigned } = await verifyLines(linesIn(database), {
      keys,
      isLive: true,
    })
    return {
      ...(bad && { bad: { seq: bad.seq, fault: bad.fault, why: bad.why } }),
      ...(log !== undefined && { log }),
      records,
      signedTo,
      unsigned,
    }
  }
  return {
    search: (query) => searchAudit(database, query),
    after: (after, limit) => pageOf(database, after, limit),
    verify() {
      verifying ??= verify().finally(() => {
        verifying = undefined
      })
      return verifying
    },
  }
}

/** Those that this storage directory has had. */
export function ownPublicKeys(storageDirectory: string): string[] {
  const path = publicKeysPath(storageDirectory)
  return existsSync(path) ? parsePublicKeys(readFileSync(path, 'utf8')) : []
}
