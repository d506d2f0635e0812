import type { Action, Call } from '../src/domain/call.ts'
import type { ChangeId } from '../src/domain/change.ts'
import type { CommandId } from '../src/domain/command.ts'
import { hostName } from '../src/domain/host.ts'
import type { RecordingId } from '../src/domain/recording.ts'
import { actionFacts } from '../src/store/audit-action.ts'

const host = hostName('web-server')
const command = 'cmd_AAAAAAAAAAAAAAAAAAAAAA' as CommandId
const recording = 'rec_AAAAAAAAAAAAAAAAAAAAAA' as RecordingId
const change = 'chg_AAAAAAAAAAAAAAAAAAAAAA' as ChangeId
const onFile = { host, path: '/etc/motd', sudo: false } as const

/** One of each. The compiler does not let an action go missing. */
const ACTIONS: { readonly [Kind in Action['kind']]: Extract<Action, { readonly kind: Kind }> } = {
  list_hosts: { kind: 'list_hosts' },
  describe_host: { kind: 'describe_host', host, refresh: false },
  run: {
    kind: 'run',
    host,
    command: 'uptime',
    workingDirectory: '/srv',
    sudo: false,
    detached: true,
    idempotencyKey: 'deploy-7',
    reason: 'disk alert 4711',
    timeoutMs: 60_000,
    waitMs: 45_000,
  },
  run_on_hosts: {
    kind: 'run_on_hosts',
    hosts: ['tag:web', '!web-9'],
    command: 'uptime',
    timeoutMs: 60_000,
    deadlineMs: 300_000,
    maxParallel: 20,
    stopAfterFailures: 3,
    canary: 1,
  },
  get_command_output: {
    kind: 'get_command_output',
    command,
    stream: 'output',
    from: { offset: 0 },
    bytes: 65_536,
    waitMs: 0,
  },
  check_command: { kind: 'check_command', host, command: 'uptime', sudo: true },
  cancel_command: { kind: 'cancel_command', command },
  read_file: { kind: 'read_file', ...onFile, range: { by: 'lines', first: 1, count: 10 }, encoding: 'auto' },
  list_directory: {
    kind: 'list_directory',
    host,
    path: '/etc',
    sudo: false,
    sort: 'name',
    descending: false,
    depth: 1,
    offset: 0,
    limit: 100,
  },
  write_file: {
    kind: 'write_file',
    ...onFile,
    content: Buffer.from('Welcome\n'),
    mode: 0o644,
    createOnly: false,
    createDirectories: false,
    dryRun: false,
  },
  edit_file: {
    kind: 'edit_file',
    ...onFile,
    change: { by: 'replacements', edits: [{ oldText: 'Welcome', newText: 'Hello', all: false }] },
    dryRun: false,
  },
  restore_file: {
    kind: 'restore_file',
    ...onFile,
    undoes: change,
    expected: { kind: 'file', sha256: 'ab'.repeat(32), bytes: 8, mode: 0o644 },
    before: { kind: 'absent' },
    dryRun: false,
  },
  undo_change: { kind: 'undo_change', change, dryRun: false },
  list_changes: { kind: 'list_changes', limit: 100 },
  transfer_file: {
    kind: 'transfer_file',
    from: { kind: 'host', ...onFile },
    to: { kind: 'link' },
    recursive: false,
    overwrite: false,
    resume: false,
    timeoutMs: 600_000,
  },
  get_working_directory: { kind: 'get_working_directory', host, session: 'ses_AAAAAAAAAAAAAAAAAAAAAA' },
  open_session: { kind: 'open_session', host, name: 'work', terminal: { columns: 120, rows: 40 } },
  use_terminal: {
    kind: 'use_terminal',
    host,
    session: 'term_AAAAAAAAAAAAAAAAAAAAAA',
    input: [
      { kind: 'text', text: 'top' },
      { kind: 'key', key: 'Enter' },
    ],
    wait: { quietMs: 300, waitMs: 5_000 },
    read: 'screen',
  },
  close_session: { kind: 'close_session', host, session: 'ses_AAAAAAAAAAAAAAAAAAAAAA' },
  get_session_stats: { kind: 'get_session_stats' },
  list_approvals: { kind: 'list_approvals', all: false },
  answer_approval: {
    kind: 'answer_approval',
    command,
    verdict: 'approve',
    digest: 'a'.repeat(64),
    reason: 'as agreed',
    grantMs: 3_600_000,
  },
  confirm_command: { kind: 'confirm_command', command, waitMs: 45_000 },
  list_grants: { kind: 'list_grants' },
  revoke_grant: { kind: 'revoke_grant', grant: 'grant_AAAAAAAAAAAAAAAAAAAAAA' },
  search_audit: { kind: 'search_audit', query: { text: 'nginx', person: 'user@example.com', limit: 50 } },
  read_audit_record: { kind: 'read_audit_record', seq: 1000 },
  export_audit: { kind: 'export_audit', after: 0, limit: 1000 },
  verify_audit: { kind: 'verify_audit' },
  replay_rules: {
    kind: 'replay_rules',
    text: 'rules: []\n',
    since: new Date('2026-11-01T00:00:00Z'),
    after: 0,
  },
  list_recordings: { kind: 'list_recordings', filter: { person: 'user@example.com', limit: 50 } },
  read_recording: { kind: 'read_recording', recording },
  read_recording_cast: { kind: 'read_recording_cast', recording, after: 0 },
  list_locks: { kind: 'list_locks' },
  add_lock: {
    kind: 'add_lock',
    on: { kind: 'person', email: 'user@example.com' },
    reason: 'lost laptop',
    forMs: 7_200_000,
  },
  list_taints: { kind: 'list_taints' },
  clear_taint: { kind: 'clear_taint', taint: 'taint_AAAAAAAAAAAAAAAAAAAAAA', reason: 'a log of ours' },
  remove_lock: { kind: 'remove_lock', lock: 'lock_AAAAAAAAAAAAAAAAAAAAAA' },
}

/** What every action adds to the records of its calls, as a table. */
export function actionTable(call: Omit<Call, 'action'>): string {
  const rows = Object.values(ACTIONS)
    .sort((one, other) => one.kind.localeCompare(other.kind, 'en'))
    .map((action: Action) => {
      const facts = JSON.stringify(actionFacts({ ...call, action }))
      return `| \`${action.kind}\` | ${facts === '{}' ? '–' : `\`${facts.slice(1, -1)}\``} |`
    })
  return `| \`action\` | for example |\n| --- | --- |\n${rows.join('\n')}`
}
