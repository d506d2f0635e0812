import type { Answer } from '../../domain/answer.ts'
import type { ReadAuditAction, ReadAuditAnswer } from '../../domain/audit-reading.ts'
import { never } from '../../lib/never.ts'
import type { Bridge } from '../bridge.ts'

type Failed = Extract<Answer, { readonly kind: 'failed' }>

/** What somebody who may asked of the audit. That they asked is in it too, like every call. */
export async function readAudit(
  action: ReadAuditAction,
  { auditReader: reader }: Pick<Bridge, 'auditReader'>,
): Promise<ReadAuditAnswer | Failed> {
  switch (action.kind) {
    case 'search_audit':
      return { kind: 'audit_found', ...(await reader.search(action.query)) }
    case 'read_audit_record': {
      const [record] = await reader.after(action.seq - 1, 1)
      if (record?.seq === action.seq) return { kind: 'audit_record', record }
      return { kind: 'failed', code: 'bad_request', message: `There is no record ${action.seq}.` }
    }
    case 'export_audit':
      return { kind: 'audit_exported', records: await reader.after(action.after, action.limit) }
    case 'verify_audit':
      return { kind: 'audit_verified', verified: await reader.verify() }
    default:
      return never(action)
  }
}
