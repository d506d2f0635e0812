import type { Answer, CancelAnswer, LockAnswer, OutputPage, TaintAnswer } from '../domain/answer.ts'
import type { ReadAuditAnswer } from '../domain/audit-reading.ts'
import type { Call } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import { principalKey } from '../domain/principal.ts'
import type { Progress } from '../domain/progress.ts'
import type { ReadRecordingAnswer } from '../domain/recording-reading.ts'
import type { ReplayRulesAnswer } from '../domain/replay.ts'
import { approvalAction } from './approvals/approval-action.ts'
import type { PerformApproved } from './approvals/carry-out-approved.ts'
import { confirmCommand } from './approvals/confirm-command.ts'
import { waitingSummary } from './approvals/read-waiting.ts'
import { readAudit } from './audit/read-audit.ts'
import type { Bridge } from './bridge.ts'
import { listChanges } from './changes/list-changes.ts'
import { undoChange } from './changes/undo-change.ts'
import { checkCommand } from './check-command.ts'
import { cancelCommand } from './commands/cancel-command.ts'
import { summaryOf } from './commands/command.ts'
import { readOutput } from './commands/read-output.ts'
import { contextFor, mayKnow, reachOf } from './decide-now.ts'
import { outputDigest } from './fan-out/output-digest.ts'
import { runOnHosts } from './fan-out/run-on-hosts.ts'
import { listHosts } from './list-hosts.ts'
import { lockAction } from './locks/lock-action.ts'
import { readRecordings } from './recording/read-recordings.ts'
import { taintAction } from './taint/taint-action.ts'

/** What came of a permitted action: as its host told it, or as the pipeline itself answers. */
export type Done =
  | Outcome
  | OutputPage
  | CancelAnswer
  | Extract<
      Answer,
      {
        readonly kind:
          | 'ran_on_hosts'
          | 'checked'
          | 'failed'
          | 'approvals'
          | 'approval_answered'
          | 'grants'
          | 'grant_revoked'
      }
    >
  /** Somebody else's answer, shaped already. */
  | { readonly kind: 'answered'; readonly answer: Answer }
  | LockAnswer
  | TaintAnswer
  | ReadAuditAnswer
  | ReadRecordingAnswer
  | ReplayRulesAnswer

export interface Surroundings {
  /** The one way, for calls on behalf of this one. */
  readonly perform: (call: Call, bridge: Bridge, signal: AbortSignal) => Promise<Answer>
  readonly performApproved: PerformApproved
  readonly progress: Progress
}

/** Does what the permit allows, everything but running a command, which has a life of its own. */
export async function carryOut(
  permit: Permit,
  bridge: Bridge,
  signal: AbortSignal,
  { perform, performApproved, progress }: Surroundings,
): Promise<Done> {
  const { call } = permit
  const { action } = call
  switch (action.kind) {
    case 'list_hosts':
      return { kind: 'hosts', ...listHosts(call, action, contextFor(call, bridge)) }
    case 'get_command_output':
      return readOutput(call, action, bridge, signal)
    case 'check_command':
      return checkCommand(call, action, bridge)
    case 'cancel_command':
      return cancelCommand(call, action, bridge, signal)
    case 'list_approvals':
    case 'answer_approval':
    case 'list_grants':
    case 'revoke_grant':
      return approvalAction(call, action, bridge, performApproved)
    case 'confirm_command':
      return confirmCommand(call, action, bridge, performApproved, signal)
    case 'list_locks':
    case 'add_lock':
    case 'remove_lock':
      return lockAction(call, action, bridge)
    case 'list_taints':
    case 'clear_taint':
      return taintAction(call, action, bridge)
    case 'search_audit':
    case 'read_audit_record':
    case 'export_audit':
    case 'verify_audit':
      return readAudit(action, bridge)
    case 'list_recordings':
    case 'read_recording':
    case 'read_recording_cast':
      return readRecordings(call, action, bridge)
    case 'replay_rules':
      return bridge.replays?.replay(action, signal) ?? NO_REPLAYS
    case 'run_on_hosts': {
      const deps = {
        hosts: bridge.hosts,
        clock: bridge.clock,
        limits: bridge.limits.fanOut,
        reach: (child: Call) => reachOf(child, bridge),
        perform: (child: Call, ended: AbortSignal) => perform(child, bridge, ended),
        hasTurn: () => bridge.budgets.hasTurn(call.principal),
        turn: (ended: AbortSignal) => bridge.budgets.turn(call.principal, ended),
        digestOf: (id: CommandId) =>
          outputDigest(bridge.commands.find(principalKey(call.principal), id)?.output),
      }
      return runOnHosts({ ...call, action }, deps, signal, progress)
    }
    case 'undo_change': {
      const answer = await undoChange(call, action, bridge, (child) => perform(child, bridge, signal))
      return { kind: 'answered', answer }
    }
    case 'list_changes':
      return { kind: 'answered', answer: await listChanges(call, action.limit, bridge) }
    case 'get_session_stats': {
      const outcome = await bridge.executor.execute(permit, signal, progress)
      if (outcome.kind !== 'stats') return outcome
      // Of a host that is out of the caller's reach now, no command is known: get_command_output says the same.
      const own = bridge.commands
        .list(principalKey(call.principal))
        .filter((command) => mayKnow(command.call, call.principal, bridge))
      const waiting = bridge.approvals
        .list()
        .filter(({ state, owner }) => state === 'waiting' && owner === principalKey(call.principal))
        .map(waitingSummary)
      const elsewhere = (await bridge.peers?.commandsOf(principalKey(call.principal), MOST_LISTED)) ?? []
      const others = elsewhere.filter((record) => mayKnow(record.call, call.principal, bridge))
      const ran = [...own.map((command) => command.summary()), ...others.flatMap(summaryOf)]
      ran.sort((one, other) => other.startedAt.getTime() - one.startedAt.getTime())
      const commands = [...waiting, ...ran].slice(0, MOST_LISTED)
      return { kind: 'stats', stats: { ...outcome.stats, commands } }
    }
    default:
      return bridge.executor.execute(permit, signal, progress)
  }
}

const NO_REPLAYS = {
  kind: 'failed',
  code: 'not_supported',
  message: 'This bridge has no configuration in a file whose rules could be replaced.',
} as const

/** Commands that one answer lists. */
const MOST_LISTED = 50
