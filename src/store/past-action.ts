import type { Action } from '../domain/call.ts'
import { isChangeId, type PlaceState } from '../domain/change.ts'
import { isCommandId } from '../domain/command.ts'
import type { TransferEnd } from '../domain/file.ts'
import { isHostName } from '../domain/host.ts'
import { isRecordingId } from '../domain/recording.ts'
import { isSecretHandle, type SecretUse } from '../domain/secret.ts'
import { type TerminalInput, USUAL_TERMINAL } from '../domain/terminal.ts'
import { branded, finite, flag, given, keyOf, listOf, type Shape, text } from './exact-shape.ts'
import { lockTarget } from './lock-record.ts'

/** The members of one record. */
export type Facts = Readonly<Record<string, unknown>>

type OfKind<Kind extends Action['kind']> = Extract<Action, { readonly kind: Kind }>

const host = branded(isHostName)
const commandId = branded(isCommandId)
const changeId = branded(isChangeId)
const recordingId = branded(isRecordingId)

/** The way back from `actionFacts`. The compiler does not let an action go missing; the test compares the two. */
const ACTIONS: { readonly [Kind in Action['kind']]: (facts: Facts) => OfKind<Kind> } = {
  list_hosts: (of) => ({
    kind: 'list_hosts',
    ...given('match', text, of.match),
    ...given('offset', finite, of.offset),
    ...given('limit', finite, of.limit),
  }),
  list_taints: () => ({ kind: 'list_taints' }),
  clear_taint: (of) => ({ kind: 'clear_taint', taint: text(of.taint), ...given('reason', text, of.purpose) }),
  get_session_stats: () => ({ kind: 'get_session_stats' }),
  describe_host: (of) => ({ kind: 'describe_host', host: host(of.host), refresh: of.refresh === true }),
  run: (facts) => ({
    kind: 'run',
    host: host(facts.host),
    command: text(facts.command),
    ...given('session', text, facts.session),
    ...given('workingDirectory', text, facts.working_directory),
    ...given('sudo', flag, facts.sudo),
    ...given('detached', flag, facts.detached),
    ...given('idempotencyKey', text, facts.idempotency_key),
    ...given('reason', text, facts.purpose),
    ...given('secrets', listOf(secretUse), facts.secrets),
    timeoutMs: finite(facts.timeout_ms),
    waitMs: 0,
  }),
  run_on_hosts: (facts) => ({
    kind: 'run_on_hosts',
    hosts: listOf(text)(facts.hosts),
    command: text(facts.command),
    ...given('workingDirectory', text, facts.working_directory),
    ...given('sudo', flag, facts.sudo),
    timeoutMs: finite(facts.timeout_ms),
    deadlineMs: finite(facts.deadline_ms),
    ...given('maxParallel', finite, facts.max_parallel),
    ...given('batchSize', finite, facts.batch_size),
    ...given('stopAfterFailures', finite, facts.stop_after_failures),
    canary: finite(facts.canary),
  }),
  get_command_output: (facts) => ({
    kind: 'get_command_output',
    command: commandId(facts.command_id),
    ...(facts.of_anybody === true && { ofAnybody: true }),
    stream: 'output',
    from: { offset: 0 },
    bytes: 0,
    waitMs: 0,
  }),
  check_command: (facts) => ({
    kind: 'check_command',
    host: host(facts.host),
    command: text(facts.command),
    ...given('session', text, facts.session),
    ...given('workingDirectory', text, facts.working_directory),
    ...given('sudo', flag, facts.sudo),
  }),
  cancel_command: (facts) => ({
    kind: 'cancel_command',
    command: commandId(facts.command_id),
    ...(facts.of_anybody === true && { ofAnybody: true }),
  }),
  read_file: (facts) => ({ kind: 'read_file', ...onFile(facts), encoding: 'auto' }),
  list_directory: (facts) => ({
    kind: 'list_directory',
    ...onFile(facts),
    sort: 'name',
    descending: false,
    depth: finite(facts.depth),
    offset: 0,
    limit: 0,
  }),
  write_file: (facts) => ({
    kind: 'write_file',
    ...onFile(facts),
    content: Buffer.alloc(0),
    ...given('mode', octal, facts.mode),
    ...given('expectedSha256', text, facts.expected_sha256),
    createOnly: flag(facts.create_only),
    createDirectories: flag(facts.create_directories),
    dryRun: flag(facts.dry_run),
  }),
  edit_file: (facts) => ({
    kind: 'edit_file',
    ...onFile(facts),
    change: facts.by === 'patch' ? { by: 'patch', patch: '' } : { by: 'replacements', edits: [] },
    ...given('expectedSha256', text, facts.expected_sha256),
    dryRun: flag(facts.dry_run),
  }),
  restore_file: (facts) => ({
    kind: 'restore_file',
    ...onFile(facts),
    undoes: changeId(facts.undoes),
    expected: placeState(facts.expected),
    before: placeState(facts.puts_back),
    dryRun: flag(facts.dry_run),
  }),
  undo_change: (facts) => ({
    kind: 'undo_change',
    change: changeId(facts.change_id),
    dryRun: flag(facts.dry_run),
  }),
  list_changes: (facts) => ({ kind: 'list_changes', limit: finite(facts.limit) }),
  transfer_file: (facts) => ({
    kind: 'transfer_file',
    from: transferEnd(facts.from),
    to: transferEnd(facts.to),
    recursive: flag(facts.recursive),
    overwrite: flag(facts.overwrite),
    resume: flag(facts.resume),
    timeoutMs: finite(facts.timeout_ms),
  }),
  get_working_directory: (facts) => ({
    kind: 'get_working_directory',
    host: host(facts.host),
    ...given('session', text, facts.session),
  }),
  open_session: (facts) => ({
    kind: 'open_session',
    host: host(facts.host),
    ...given('name', text, facts.name),
    // Its size is no matter of rights.
    ...(facts.terminal !== undefined && { terminal: USUAL_TERMINAL }),
  }),
  use_terminal: (facts) => ({
    kind: 'use_terminal',
    host: host(facts.host),
    session: text(facts.session),
    input: listOf(terminalInput)(facts.input),
    wait: { waitMs: 0 },
    read: 'screen',
  }),
  list_approvals: (facts) => ({ kind: 'list_approvals', all: flag(facts.all) }),
  answer_approval: (facts) => ({
    kind: 'answer_approval',
    command: commandId(facts.command_id),
    verdict: keyOf(VERDICTS)(facts.answer),
    digest: text(facts.digest),
    ...given('reason', text, facts.purpose),
    ...given('grantMs', finite, facts.grant_ms),
  }),
  confirm_command: (facts) => ({
    kind: 'confirm_command',
    command: commandId(facts.command_id),
    waitMs: 0,
  }),
  list_grants: () => ({ kind: 'list_grants' }),
  revoke_grant: (facts) => ({ kind: 'revoke_grant', grant: text(facts.grant) }),
  close_session: (facts) => ({
    kind: 'close_session',
    host: host(facts.host),
    ...given('session', text, facts.session),
  }),
  // What was looked for decides nothing.
  search_audit: () => ({ kind: 'search_audit', query: { limit: 0 } }),
  read_audit_record: (facts) => ({ kind: 'read_audit_record', seq: finite(facts.record) }),
  export_audit: (facts) => ({ kind: 'export_audit', after: finite(facts.after), limit: finite(facts.limit) }),
  verify_audit: () => ({ kind: 'verify_audit' }),
  list_recordings: () => ({ kind: 'list_recordings', filter: { limit: 0 } }),
  read_recording: (facts) => ({ kind: 'read_recording', recording: recordingId(facts.recording) }),
  read_recording_cast: ({ recording, after }) => ({
    ...{ kind: 'read_recording_cast', recording: recordingId(recording), after: finite(after) },
  }),
  // The text is not kept.
  replay_rules: (facts) => ({
    ...{ kind: 'replay_rules', text: '', since: new Date(text(facts.since)), after: finite(facts.after) },
  }),
  list_locks: () => ({ kind: 'list_locks' }),
  add_lock: (facts) => ({
    kind: 'add_lock',
    on: lockTarget(facts.on),
    reason: text(facts.why),
    ...given('forMs', finite, facts.for_ms),
  }),
  remove_lock: (facts) => ({ kind: 'remove_lock', lock: text(facts.lock) }),
}

const VERDICTS = { approve: 0, deny: 0 } as const

const kind = keyOf(ACTIONS)

/**
 * The action of a call of which this is a record, as far as rights depend on it.
 *
 * @throws TypeError when it is of no known kind, or not as this version writes it.
 */
export function pastAction(facts: Facts): Action {
  return ACTIONS[kind(facts.action)](facts)
}

function onFile(facts: Facts) {
  return { host: host(facts.host), path: text(facts.path), sudo: flag(facts.sudo) }
}

function octal(value: unknown): number {
  return finite(Number.parseInt(text(value), 8))
}

function placeState(value: unknown): PlaceState {
  if (value === 'absent') return { kind: 'absent' }
  const { sha256, bytes, mode } = factsIn(value)
  return { kind: 'file', sha256: text(sha256), bytes: finite(bytes), mode: octal(mode) }
}

function transferEnd(value: unknown): TransferEnd {
  return value === 'link' ? { kind: 'link' } : { kind: 'host', ...onFile(factsIn(value)) }
}

function terminalInput(value: unknown): TerminalInput {
  const { key, text: typed } = factsIn(value)
  return key === undefined ? { kind: 'text', text: text(typed) } : { kind: 'key', key: text(key) }
}

/** As `actionFacts` writes it: `env:NAME=secret:…`, `stdin=secret:…`. */
const secretUse: Shape<SecretUse> = (value) => {
  const [, name, handle = ''] = /^(?:env:(\w+)|stdin)=(.*)$/.exec(text(value)) ?? []
  if (!isSecretHandle(handle)) throw new TypeError('not a handle')
  return { as: name === undefined ? 'stdin' : { env: name }, handle }
}

/** @throws TypeError for anything that is not an object with members. */
export function factsIn(value: unknown): Facts {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not an object')
  return value as Facts
}
