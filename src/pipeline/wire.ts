import type { Answer } from '../domain/answer.ts'
import type { ActionClass } from '../domain/decision.ts'
import type { HostPage, HostView } from '../domain/host.ts'
import {
  type WireApproval,
  type WireGrant,
  wireApproval,
  wireGrant,
  wireWaiting,
  wireWaitingRun,
} from './wire-approval.ts'
import { wireAudit } from './wire-audit.ts'
import { type WireChanges, wireChanges } from './wire-changes.ts'
import { type WireCheck, wireCheck } from './wire-check.ts'
import {
  type WireCancel,
  type WirePage,
  type WireRun,
  wireCancel,
  wirePage,
  wireRun,
} from './wire-command.ts'
import { type WireError, wireDenial, wireFailure } from './wire-error.ts'
import { type WireFacts, wireFacts } from './wire-facts.ts'
import { type WireFanOut, wireFanOut } from './wire-fan-out.ts'
import {
  type WireChange,
  type WireFile,
  type WireListing,
  wireChange,
  wireFile,
  wireListing,
} from './wire-file.ts'
import { wireLocks } from './wire-lock.ts'
import { wireRecordings } from './wire-recording.ts'
import { type WireRulesReplay, wireRulesReplay } from './wire-replay.ts'
import {
  type WireClosed,
  type WireDirectory,
  type WireSession,
  type WireStats,
  wireClosed,
  wireDirectory,
  wireSession,
  wireStats,
} from './wire-session.ts'
import { wireTaints } from './wire-taint.ts'
import { type WireTerminal, wireTerminal } from './wire-terminal.ts'
import { type WireLink, type WireTransfer, wireLink, wireTransfer } from './wire-transfer.ts'

/** An answer as every edge writes it: snake_case, JSON values only, the same members over MCP and REST. */
export type WireAnswer =
  | { readonly kind: 'result'; readonly body: WireResult & { readonly tainted?: string } }
  | { readonly kind: 'error'; readonly error: WireError }

type WireResult =
  | WireTerminal
  | WireRun
  | WirePage
  | WireCancel
  | WireFanOut
  | WireFacts
  | WireHosts
  | WireDirectory
  | WireSession
  | WireClosed
  | WireStats
  | WireFile
  | WireListing
  | WireChange
  | WireChanges
  | WireTransfer
  | WireCheck
  | WireLink
  | { readonly approvals: readonly WireApproval[] }
  | WireApproval
  | { readonly grants: readonly WireGrant[] }
  | { readonly grant_id: string; readonly revoked: true }
  | ReturnType<typeof wireLocks>
  | ReturnType<typeof wireTaints>
  | ReturnType<typeof wireAudit>
  | ReturnType<typeof wireRecordings>
  | WireRulesReplay

export function wireAnswer({ tainted, ...answer }: Answer): WireAnswer {
  const wire = wireTold(answer)
  return tainted === undefined || wire.kind === 'error'
    ? wire
    : { kind: 'result', body: { ...wire.body, tainted } }
}

function wireTold(answer: Answer): WireAnswer {
  switch (answer.kind) {
    case 'ran':
      return { kind: 'result', body: wireRun(answer) }
    case 'command_output':
      return { kind: 'result', body: wirePage(answer) }
    case 'command_cancelled':
      return { kind: 'result', body: wireCancel(answer) }
    case 'checked':
      return { kind: 'result', body: wireCheck(answer) }
    case 'ran_on_hosts':
      return { kind: 'result', body: wireFanOut(answer.report) }
    case 'facts':
      return { kind: 'result', body: wireFacts(answer.facts) }
    case 'hosts':
      return { kind: 'result', body: wireHosts(answer) }
    case 'directory':
      return { kind: 'result', body: wireDirectory(answer) }
    case 'session_opened':
      return { kind: 'result', body: wireSession(answer.session) }
    case 'session_closed':
      return { kind: 'result', body: wireClosed(answer) }
    case 'stats':
      return { kind: 'result', body: wireStats(answer.stats) }
    case 'file_read':
      return { kind: 'result', body: wireFile(answer) }
    case 'directory_listed':
      return { kind: 'result', body: wireListing(answer) }
    case 'file_changed':
      return { kind: 'result', body: wireChange(answer) }
    case 'changes':
      return { kind: 'result', body: wireChanges(answer) }
    case 'transferred':
      return { kind: 'result', body: wireTransfer(answer) }
    case 'link_made':
      return { kind: 'result', body: wireLink(answer) }
    case 'terminal_opened':
    case 'terminal_used':
      return { kind: 'result', body: wireTerminal(answer) }
    case 'waiting_approval':
      return answer.call.action.kind === 'run'
        ? { kind: 'result', body: wireWaitingRun(answer, answer.call.action) }
        : { kind: 'error', error: wireWaiting(answer) }
    case 'approvals':
      return { kind: 'result', body: { approvals: answer.approvals.map(wireApproval) } }
    case 'approval_answered':
      return { kind: 'result', body: wireApproval(answer.approval) }
    case 'grants':
      return { kind: 'result', body: { grants: answer.grants.map(wireGrant) } }
    case 'grant_revoked':
      return { kind: 'result', body: { grant_id: answer.grant, revoked: true } }
    case 'locks':
    case 'lock_added':
    case 'lock_removed':
      return { kind: 'result', body: wireLocks(answer) }
    case 'taints':
    case 'taint_cleared':
      return { kind: 'result', body: wireTaints(answer) }
    case 'audit_found':
    case 'audit_record':
    case 'audit_exported':
    case 'audit_verified':
      return { kind: 'result', body: wireAudit(answer) }
    case 'recordings':
    case 'recording':
    case 'recording_cast':
      return { kind: 'result', body: wireRecordings(answer) }
    case 'rules_replayed':
    case 'rules_refused':
      return { kind: 'result', body: wireRulesReplay(answer) }
    case 'denied':
      return { kind: 'error', error: wireDenial(answer.reason) }
    case 'failed':
      return { kind: 'error', error: wireFailure(answer.code, answer.message) }
  }
}

export type WireHosts = {
  readonly hosts: readonly WireHost[]
  /** All that are asked for, on this page and on others. */
  readonly count: number
  /** Where the next page begins; absent when this one is the last. */
  readonly next_offset?: number
}

function wireHosts({ hosts, total, offset }: HostPage): WireHosts {
  const next = offset + hosts.length
  const isLast = hosts.length === 0 || next >= total
  return { hosts: hosts.map(wireHost), count: total, ...(!isLast && { next_offset: next }) }
}

type WireHost = {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly execution_mode: 'exec' | 'shell'
  readonly required_scopes: readonly string[]
  readonly may_run: boolean
  readonly missing_scopes: readonly string[]
  /** Classes of actions, if need be after an approval. */
  readonly may: readonly ActionClass[]
  /** `sudo: true` is taken. */
  readonly sudo: boolean
  /** A live terminal may be opened. */
  readonly terminal: boolean
}

function wireHost(view: HostView): WireHost {
  return {
    name: view.name,
    description: view.description,
    tags: view.tags,
    execution_mode: view.executionMode,
    required_scopes: view.requiredScopes,
    may_run: view.mayRun,
    missing_scopes: view.missingScopes,
    may: view.mayDo,
    sudo: view.allowsSudo,
    terminal: view.allowsTerminal,
  }
}
