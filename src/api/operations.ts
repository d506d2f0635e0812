import type { Operation } from './operation.ts'
import { answerApproval, listApprovals, listGrants, revokeGrant } from './operations/approvals.ts'
import { exportAudit, readAuditRecord, searchAudit, verifyAudit } from './operations/audit.ts'
import { listChanges, undoChange } from './operations/changes.ts'
import { checkCommand } from './operations/check.ts'
import { cancelCommand, getCommandOutput } from './operations/commands.ts'
import { execute } from './operations/execute.ts'
import { describeHost, getStats, listHosts } from './operations/hosts.ts'
import { addLock, listLocks, removeLock } from './operations/locks.ts'
import { listRecordings, readRecording, readRecordingCast } from './operations/recordings.ts'
import { replayRules } from './operations/replay-rules.ts'
import { runOnHosts } from './operations/run-on-hosts.ts'
import { closeSession, getWorkingDirectory, postWorkingDirectory } from './operations/session.ts'
import { clearTaint, listTaints } from './operations/taints.ts'

/**
 * Every operation of the REST interface. The one list is what is routed, described in /openapi.json and shown on /docs, so the three
 * cannot disagree.
 *
 * Order is that of the documents: what there is, what can be done, what has been done. The names of the inputs are those of the MCP
 * tools' arguments, and the results are the wire shapes that the tools answer with.
 */
export const OPERATIONS: readonly Operation[] = [
  listHosts,
  describeHost,
  execute,
  runOnHosts,
  checkCommand,
  getCommandOutput,
  cancelCommand,
  listChanges,
  undoChange,
  getWorkingDirectory,
  postWorkingDirectory,
  closeSession,
  getStats,
  listLocks,
  addLock,
  removeLock,
  listApprovals,
  answerApproval,
  listGrants,
  revokeGrant,
  listTaints,
  clearTaint,
  searchAudit,
  readAuditRecord,
  exportAudit,
  verifyAudit,
  replayRules,
  listRecordings,
  readRecording,
  readRecordingCast,
]
