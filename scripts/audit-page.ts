import type { AuditEvent } from '../src/domain/audit.ts'
import type { Call } from '../src/domain/call.ts'
import { commandIdOf } from '../src/domain/command.ts'
import { hostName } from '../src/domain/host.ts'
import { auditLine } from '../src/store/audit-record.ts'
import { actionTable } from './audit-actions.ts'
import { AUDIT_FORMAT } from './audit-format.ts'
import { EVIDENCE_EXAMPLES } from './evidence-events.ts'
import { LOGIN_EXAMPLES } from './login-events.ts'
import { RECORDING_EXAMPLES } from './recording-events.ts'
import { USER_EXAMPLES } from './user-events.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const principal = {
  issuer: 'https://idp.example.com/',
  subject: 'user-1',
  method: 'oauth',
  name: 'Example User',
  email: 'user@example.com',
  clientId: 'client-1',
  groups: [],
  roles: [],
  scopes: new Set(['mcp:execute']),
} as const
const approver = {
  ...principal,
  subject: 'user-2',
  name: 'Example Approver',
  email: 'approver@example.com',
} as const
const action = {
  kind: 'run',
  host: hostName('web-server'),
  command: 'uptime',
  timeoutMs: 60_000,
  waitMs: 45_000,
} as const
const call = {
  id: 'call_AAAAAAAAAAAAAAAAAAAAAA',
  principal,
  action,
  edge: 'mcp_http',
  receivedAt: at,
  remoteAddress: '192.0.2.7',
} as const

/** The one that made a link. */
const linked: Call = {
  ...call,
  action: {
    kind: 'transfer_file',
    from: { kind: 'host', host: hostName('web-server'), path: '/var/log/syslog', sudo: false },
    to: { kind: 'link' },
    recursive: false,
    overwrite: false,
    resume: false,
    timeoutMs: 600_000,
  },
}

const lock = {
  id: 'lock_AAAAAAAAAAAAAAAAAAAAAA',
  on: { kind: 'person', email: 'user@example.com' },
  reason: 'lost laptop',
  by: 'admin@example.com',
  at,
  expiresAt: new Date(at.getTime() + 7_200_000),
} as const

const taint = {
  id: 'taint_AAAAAAAAAAAAAAAAAAAAAA',
  principal: call.principal,
  marks: [
    {
      why: 'web-server: what stands below /var/log, where others write',
      host: call.action.host,
      at,
      call: call.id,
    },
  ],
  since: at,
  expiresAt: new Date(at.getTime() + 28_800_000),
} as const

/** One of each, in the order of a bridge's life. The compiler does not let an event type go missing. */
const EXAMPLES: { readonly [Type in AuditEvent['type']]: readonly [means: string, event: AuditEvent] } = {
  'bridge.started': ['The bridge has started.', { type: 'bridge.started', at, version: '0.1.0' }],
  'auth.denied': [
    'A request was turned away before it became a call. Equal refusals in quick succession are folded, with their number in `times`.',
    { type: 'auth.denied', at, edge: 'mcp_http', reason: 'token_expired', remoteAddress: '192.0.2.7' },
  ],
  'sign_in.succeeded': [
    'Somebody signed in at the built-in authorization server, by `password`, `password_and_code` or `upstream`. `subject` is that of the calls which follow; `upstream` says who they are at the provider where they signed in. Durable before anything is given to the client.',
    {
      type: 'sign_in.succeeded',
      at,
      subject: 'user_AAAAAAAAAAAAAAAAAAAAAA',
      username: 'alice',
      by: 'password_and_code',
      client: 'ChatGPT',
      remoteAddress: '192.0.2.7',
    },
  ],
  'sign_in.refused': [
    'Somebody could not sign in. The person is told less than `reason` says. A name that nobody has is not kept: it may be a password in the wrong field.',
    {
      type: 'sign_in.refused',
      at,
      reason: 'wrong_password',
      subject: 'user_AAAAAAAAAAAAAAAAAAAAAA',
      username: 'alice',
      client: 'ChatGPT',
      remoteAddress: '192.0.2.7',
    },
  ],
  'sign_in.throttled': [
    'Too many attempts for a name or from an address: for `wait_ms` further ones are refused unseen, and not recorded.',
    { type: 'sign_in.throttled', at, waitMs: 8_000, client: 'ChatGPT', remoteAddress: '192.0.2.7' },
  ],
  'user.set_up': [
    'A user of the bridge has chosen a password at a set-up link; `with_code`: and a one-time code beside it.',
    {
      type: 'user.set_up',
      at,
      subject: 'user_AAAAAAAAAAAAAAAAAAAAAA',
      username: 'alice',
      withCode: true,
      remoteAddress: '192.0.2.7',
    },
  ],
  ...LOGIN_EXAMPLES,
  ...RECORDING_EXAMPLES,
  'call.received': [
    'A call has come in. Durable before anything is decided.',
    { type: 'call.received', at, call },
  ],
  'call.decided': [
    'What the rules say. A denied call ends here. `claims` is what roles were matched on beside `principal`; `scopes` is `"all"` for a way in that knows none.',
    { type: 'call.decided', at, call, decision: { verdict: 'allow', rule: 'required-scopes' } },
  ],
  'call.started': [
    'Durable before anything is sent to the host.',
    { type: 'call.started', at, call, rule: 'required-scopes' },
  ],
  'call.continued': [
    'The caller was answered `running`. The command goes on; `call.finished` follows when it has ended.',
    { type: 'call.continued', at, call, command: commandIdOf(call) },
  ],
  'call.resumed': [
    'The bridge has started again and has taken up a command that went on without it.',
    { type: 'call.resumed', at, call, rule: 'required-scopes', command: commandIdOf(call) },
  ],
  'call.finished': [
    'How it ended. Durable before the answer that says so is given. `result.repeats` names an earlier command that an idempotency key gave: nothing was run for this call. `status` is `completed`, `timed_out`, `cancelled`, `unknown` (it may have run) or `not_started`. `stdout_sha256` and `stderr_sha256` are of what the answer has of each stream, redacted and cut, in UTF-8, as in a receipt; absent where that is nothing.',
    {
      type: 'call.finished',
      at,
      call,
      rule: 'required-scopes',
      result: {
        status: 'completed',
        exitStatus: 0,
        durationMs: 12,
        outputBytes: 64,
        stdoutSha256: 'a'.repeat(64),
        hostKey: `SHA256:${'A'.repeat(43)}`,
      },
    },
  ],
  'approval.requested': [
    'A rule asks for the approval of others. Durable before anybody can see it; `digest` is of all that is asked.',
    {
      type: 'approval.requested',
      at,
      call,
      command: commandIdOf(call),
      digest: 'a'.repeat(64),
      expiresAt: new Date(at.getTime() + 3_600_000),
    },
  ],
  'approval.answered': [
    'Somebody has answered. `principal` is the requester, `by` who answered; `as: confirmation` is the requester itself, where the rule takes that.',
    {
      type: 'approval.answered',
      at,
      call,
      command: commandIdOf(call),
      digest: 'a'.repeat(64),
      answer: { verdict: 'approve', as: 'person', by: approver, at },
    },
  ],
  'approval.ended': [
    'The request waits no longer: it was carried out (`completed`), has expired, was withdrawn or never waited (`cancelled`), or was approved and is not carried out all the same, as `why` says. A request that was denied ends with its answer.',
    {
      type: 'approval.ended',
      at,
      call,
      command: commandIdOf(call),
      digest: 'a'.repeat(64),
      state: 'expired',
      why: 'nobody answered in time',
    },
  ],
  'grant.added': [
    'An approver lets the same again go on without a question, until it expires.',
    {
      type: 'grant.added',
      at,
      call,
      grant: 'grant_AAAAAAAAAAAAAAAAAAAAAA',
      by: 'approver@example.com',
      expiresAt: new Date(at.getTime() + 3_600_000),
    },
  ],
  'grant.revoked': [
    'A grant was taken back.',
    { type: 'grant.revoked', at, call, grant: 'grant_AAAAAAAAAAAAAAAAAAAAAA', by: 'approver@example.com' },
  ],
  'transfer.begun': [
    'Somebody uses the link that a call had made. Durable before the first byte goes through; `transfer.used` follows. Where none does, the bridge was stopped in the middle, and nobody can say how much went through.',
    { type: 'transfer.begun', at, call: linked, direction: 'download', remoteAddress: '192.0.2.7' },
  ],
  'transfer.used': [
    'The link that a call had made was used. `complete: false`: the transfer broke off and the link goes on until it expires.',
    {
      type: 'transfer.used',
      at,
      call: linked,
      direction: 'download',
      bytes: 64,
      sha256: 'a'.repeat(64),
      complete: true,
      remoteAddress: '192.0.2.7',
    },
  ],
  'taint.marked': [
    'The caller was shown what others may have written, and counts as tainted from here on. Once: what is shown to one that is tainted is not recorded again.',
    { type: 'taint.marked', at, call, taint },
  ],
  'taint.cleared': [
    'Somebody else cleared it. One that expires ends without a record: `expires` says when, and it is put off whenever more is shown.',
    { type: 'taint.cleared', at, call, taint, by: 'admin@example.com', reason: 'a log of ours' },
  ],
  'lock.added': [
    'A lock is in force: at once when it was made over REST, as soon as the bridge saw it when it was made from the command line. `ended_calls`: what was ended on this bridge.',
    { type: 'lock.added', at, lock, endedCalls: 3 },
  ],
  'lock.removed': [
    'A lock was lifted by somebody. One that expires is lifted without a record: `expires` says when.',
    { type: 'lock.removed', at, lock, by: 'admin@example.com' },
  ],
  ...USER_EXAMPLES,
  'config.reloaded': [
    'The configuration was read again; `applied: false` means that it had problems and the running one stayed.',
    { type: 'config.reloaded', at, applied: true, problems: 0 },
  ],
  ...EVIDENCE_EXAMPLES,
  'audit.resumed': [
    'The log can be written again. Between `since` and `at` nothing was run.',
    {
      type: 'audit.resumed',
      at,
      since: new Date(at.getTime() - 60_000),
      cause: 'audit log: ENOSPC: no space left on device, write',
    },
  ],
  'instance.lost': [
    'Of several instances on one database one has not said for `silent_ms` that it lives, and was given up. What it had is taken over by the others, or recorded as `unknown`.',
    {
      type: 'instance.lost',
      at,
      instance: 'inst_AAAAAAAAAAAAAAAAAAAAAA',
      by: 'inst_BBBBBBBBBBBBBBBBBBBBBB',
      silentMs: 5_200,
    },
  ],
  'instance.fenced': [
    'An instance that had been given up lives all the same. It has ended all that it did, and goes on as `now`. `refused`: so many records of before were not taken.',
    {
      type: 'instance.fenced',
      at,
      instance: 'inst_AAAAAAAAAAAAAAAAAAAAAA',
      now: 'inst_CCCCCCCCCCCCCCCCCCCCCC',
      refused: 2,
      awayMs: 31_000,
    },
  ],
  'bridge.stopped': ['The bridge has stopped in order.', { type: 'bridge.stopped', at, version: '0.1.0' }],
}

/** docs/AUDIT.md: every record there is, with an example made by the code that writes them. */
export function auditPage(): string {
  const sections = Object.entries(EXAMPLES).map(([type, [means, event]]) => {
    const example = JSON.stringify(JSON.parse(auditLine(event)), null, 2)
    return `## \`${type}\`\n\n${means}\n\n\`\`\`json\n${example}\n\`\`\`\n`
  })
  return `# Audit records

<!-- Generated from src/store/audit-record.ts by \`npm run docs\`. -->

One JSON object a line. It is durable in the database before the next step happens. \`audit export\` and the sinks write the same lines elsewhere.

Every record of a call says who (\`principal\`), by which door (\`edge\`, \`remote\`), what (\`action\`) and on which \`host\`; \`parent\` is the call on
whose behalf it was made, as with one command on many hosts.

${AUDIT_FORMAT}${sections.join('\n')}
## What is recorded of each action

Beside \`action\` and \`host\`, on every record of the call. Of what is written into files the length in bytes and the SHA-256 digest are kept, never the
content: with replacements, those of the JSON list of \`[old_text, new_text, all]\`. What is typed into a terminal is kept as it is typed; what the
screen shows is not.

${actionTable(call)}
`
}
