import { createHash } from 'node:crypto'
import type { AuditSearch } from '../domain/audit-reading.ts'
import type { Action, Call } from '../domain/call.ts'
import type { PlaceState } from '../domain/change.ts'
import { commandIdOf } from '../domain/command.ts'
import type { EditFileAction, TransferEnd, WriteFileAction } from '../domain/file.ts'
import type { RecordingFilter } from '../domain/recording-reading.ts'
import type { ReplayRulesAction } from '../domain/replay.ts'
import type { SecretUse } from '../domain/secret.ts'
import type { TerminalInput } from '../domain/terminal.ts'
import { never } from '../lib/never.ts'

type Facts = Record<string, unknown>

/** What is remembered of an action beside its kind and host. Of what goes into files, length and digest, never the bytes. */
export function actionFacts(call: Call): Facts {
  const action: Action = call.action
  switch (action.kind) {
    case 'run': {
      const { command, session, workingDirectory, timeoutMs, sudo, detached, idempotencyKey, secrets } =
        action
      return {
        command,
        command_id: commandIdOf(call),
        session,
        working_directory: workingDirectory,
        sudo,
        detached,
        idempotency_key: idempotencyKey,
        purpose: action.reason,
        timeout_ms: timeoutMs,
        secrets: secrets?.map(secretFact),
      }
    }
    case 'check_command':
      return {
        command: action.command,
        session: action.session,
        working_directory: action.workingDirectory,
        sudo: action.sudo,
      }
    case 'run_on_hosts':
      return {
        command: action.command,
        hosts: action.hosts,
        working_directory: action.workingDirectory,
        sudo: action.sudo,
        timeout_ms: action.timeoutMs,
        deadline_ms: action.deadlineMs,
        max_parallel: action.maxParallel,
        batch_size: action.batchSize,
        stop_after_failures: action.stopAfterFailures,
        canary: action.canary,
      }
    case 'get_command_output':
    case 'cancel_command':
      return { command_id: action.command, of_anybody: action.ofAnybody }
    case 'read_file':
      return { path: action.path, sudo: action.sudo, range: action.range }
    case 'list_directory':
      return { path: action.path, sudo: action.sudo, depth: action.depth }
    case 'write_file':
      return {
        path: action.path,
        sudo: action.sudo,
        ...contentFacts(action),
        mode: action.mode?.toString(8).padStart(4, '0'),
        expected_sha256: action.expectedSha256,
        create_only: action.createOnly,
        create_directories: action.createDirectories,
        dry_run: action.dryRun,
      }
    case 'edit_file':
      return {
        path: action.path,
        sudo: action.sudo,
        by: action.change.by,
        ...contentFacts(action),
        expected_sha256: action.expectedSha256,
        dry_run: action.dryRun,
      }
    case 'restore_file':
      return {
        path: action.path,
        sudo: action.sudo,
        undoes: action.undoes,
        expected: placeFacts(action.expected),
        puts_back: placeFacts(action.before),
        dry_run: action.dryRun,
      }
    case 'undo_change':
      return { change_id: action.change, dry_run: action.dryRun }
    case 'list_changes':
      return { limit: action.limit }
    case 'transfer_file':
      return {
        from: endFacts(action.from),
        to: endFacts(action.to),
        recursive: action.recursive,
        overwrite: action.overwrite,
        resume: action.resume,
        timeout_ms: action.timeoutMs,
      }
    case 'use_terminal':
      return { session: action.session, input: action.input.map(inputFacts) }
    case 'open_session':
      return { name: action.name, terminal: action.terminal }
    case 'get_working_directory':
    case 'close_session':
      return { session: action.session }
    case 'describe_host':
      return { refresh: action.refresh }
    case 'list_approvals':
      return { all: action.all }
    case 'answer_approval':
      return {
        command_id: action.command,
        answer: action.verdict,
        digest: action.digest,
        purpose: action.reason,
        grant_ms: action.grantMs,
      }
    case 'confirm_command':
      return { command_id: action.command }
    case 'clear_taint':
      return { taint: action.taint, purpose: action.reason }
    case 'revoke_grant':
      return { grant: action.grant }
    case 'add_lock':
      return { on: action.on, why: action.reason, for_ms: action.forMs }
    case 'remove_lock':
      return { lock: action.lock }
    case 'search_audit':
      return { query: queryFacts(action.query) }
    case 'read_audit_record':
      return { record: action.seq }
    case 'list_recordings':
      return { query: queryFacts(action.filter) }
    case 'read_recording':
      return { recording: action.recording }
    case 'read_recording_cast':
      return { recording: action.recording, after: action.after }
    case 'replay_rules':
      return { ...rulesFacts(action), since: action.since.toISOString(), after: action.after }
    case 'export_audit':
      return { after: action.after, limit: action.limit }
    case 'list_hosts':
      return { match: action.match, offset: action.offset, limit: action.limit }
    case 'verify_audit':
    case 'list_grants':
    case 'list_taints':
    case 'list_locks':
    case 'get_session_stats':
      return {}
    default:
      return never(action)
  }
}

/** Which text it was; what is in it is in force nowhere. */
function rulesFacts({ text }: ReplayRulesAction): Facts {
  return {
    rules_bytes: Buffer.byteLength(text),
    rules_sha256: createHash('sha256').update(text).digest('hex'),
  }
}

/** What an auditor looked for. */
function queryFacts({ since, until, ...query }: AuditSearch | RecordingFilter): Facts {
  return { ...query, since: since?.toISOString(), until: until?.toISOString() }
}

/** `env:NAME=secret:…`, `stdin=secret:…`: handles, which nobody but the caller can use, and never a value. */
function secretFact({ as, handle }: SecretUse): string {
  return as === 'stdin' ? `stdin=${handle}` : `env:${as.env}=${handle}`
}

/** The digest, never the bytes. */
function placeFacts(state: PlaceState): Facts | 'absent' {
  return state.kind === 'absent'
    ? 'absent'
    : { sha256: state.sha256, bytes: state.bytes, mode: state.mode.toString(8).padStart(4, '0') }
}

/** Each call is recorded several times; a long content is digested once. */
const DIGESTED = new WeakMap<object, Facts>()

function contentFacts(action: WriteFileAction | EditFileAction): Facts {
  const known = DIGESTED.get(action)
  if (known) return known
  const content = contentOf(action)
  const facts = {
    content_bytes: content.length,
    content_sha256: createHash('sha256').update(content).digest('hex'),
  }
  DIGESTED.set(action, facts)
  return facts
}

/** Of replacements, the JSON list of `[old_text, new_text, all]`: it names them exactly, so that a copy can be compared. */
function contentOf(action: WriteFileAction | EditFileAction): Buffer {
  if (action.kind === 'write_file') return action.content
  const { change } = action
  if (change.by === 'patch') return Buffer.from(change.patch)
  return Buffer.from(JSON.stringify(change.edits.map(({ oldText, newText, all }) => [oldText, newText, all])))
}

function endFacts(end: TransferEnd): Facts | 'link' {
  return end.kind === 'link' ? 'link' : { host: end.host, path: end.path, sudo: end.sudo }
}

/** What is typed is a command, and single keys can spell one. What the screen shows is not recorded. */
function inputFacts(input: TerminalInput): Facts {
  return input.kind === 'text' ? { text: input.text } : { key: input.key }
}
