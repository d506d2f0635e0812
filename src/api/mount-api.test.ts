import { describe, expect, test } from 'vitest'
import { approvalBook } from '../../test/kit/approval-parts.ts'
import { smallAudit } from '../../test/kit/audit-parts.ts'
import { budgetBook } from '../../test/kit/budget-parts.ts'
import { commandBook, secretBook, taintBook } from '../../test/kit/command-parts.ts'
import { listen, operator, type TestHttp, testHttpApp, testOAuth, user } from '../../test/kit/http-app.ts'
import { lockParts } from '../../test/kit/lock-parts.ts'
import { MemoryChanges } from '../../test/kit/memory-changes.ts'
import { keptRecording, lockedRecording, smallShelf } from '../../test/kit/recording-parts.ts'
import { redactorOf } from '../../test/kit/redactors.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Action } from '../domain/call.ts'
import type { ChangeId, ChangeRecord } from '../domain/change.ts'
import { ACTION_CLASSES } from '../domain/decision.ts'
import { type Host, hostName } from '../domain/host.ts'
import type { NotStarted, Outcome, RunOutcome, SessionSummary } from '../domain/outcome.ts'
import { principalKey } from '../domain/principal.ts'
import type { ApprovalBook } from '../pipeline/approvals/approval-book.ts'
import type { Bridge, Executor } from '../pipeline/bridge.ts'
import { Gate } from '../pipeline/gate.ts'
import { RunningCalls } from '../pipeline/running-calls.ts'
import type { TaintBook } from '../pipeline/taint/taint-book.ts'
import { mountApi } from './mount-api.ts'
import { OPERATIONS } from './operations.ts'

const hosts: readonly Host[] = [host('db-server', ['mcp:admin']), host('web-server', [])]

function host(name: string, requiredScopes: readonly string[]): Host {
  return {
    name: hostName(name),
    description: 'A host',
    tags: ['prod'],
    executionMode: 'shell',
    requiredScopes,
    allowsSudo: false,
    allowsTerminal: false,
  }
}

const at = new Date('2026-01-01T10:00:00Z')
const session: SessionSummary = {
  id: 'ses_1',
  kind: 'shell',
  host: hostName('web-server'),
  shell: 'bash',
  workingDirectory: '/srv',
  createdAt: at,
  lastUsedAt: at,
  commands: 3,
}

const change: ChangeRecord = {
  id: 'chg_AAAAAAAAAAAAAAAAAAAAAA' as ChangeId,
  owner: principalKey(user),
  host: hostName('web-server'),
  path: '/etc/motd',
  sudo: false,
  madeBy: 'write_file',
  at,
  before: { kind: 'absent' },
  after: { kind: 'file', sha256: 'ab'.repeat(32), bytes: 4, mode: 0o644, uid: 0, gid: 0 },
}

/** Answers each kind of action with an outcome of its kind, and keeps what it was asked. */
function executor(asked: Action[], run: (signal: AbortSignal) => Promise<Scripted>): Executor {
  return {
    async execute({ call: { action } }): Promise<Outcome> {
      asked.push(action)
      switch (action.kind) {
        case 'get_working_directory':
          return { kind: 'directory', host: action.host, path: '/srv', session: 'ses_1' }
        case 'close_session':
          return { kind: 'session_closed', host: action.host, closed: action.session === undefined }
        case 'get_session_stats':
          return {
            kind: 'stats',
            stats: {
              sessions: [session],
              connections: [{ host: session.host, connections: 1, running: 0 }],
              commands: [],
              limits: { maxSessionsPerHost: 5, idleTimeoutMs: 1_800_000 },
            },
          }
        case 'describe_host': {
          const about = { host: action.host, collectedAt: new Date(0), fromCache: false } as const
          const disk = { mount: '/', device: 'sda', totalBytes: 2, usedBytes: 1, availableBytes: 1 }
          return { kind: 'facts', facts: { ...about, platform: 'posix', disks: [disk], missing: [] } }
        }
        case 'restore_file': {
          const { host, path, undoes, dryRun } = action
          const left = { bytes: 0, previousSha256: 'ab'.repeat(32), diff: '-old\n', diffTruncated: false }
          return { kind: 'file_changed', host, path, change: 'removed', dryRun, ...left, undoes }
        }
        default:
          throw new Error(`not over REST: ${action.kind}`)
      }
    },
    async run({ call: { action } }, sink, _how, signal) {
      asked.push(action)
      if (action.kind !== 'run') throw new Error(`not a command: ${action.kind}`)
      sink.begun()
      const { stdout = 'up 3 days\n', ...outcome } = await run(signal)
      sink.push('stdout', Buffer.from(stdout))
      const { host, command } = action
      const ran = { kind: 'ran', host, command, end: { how: 'exited', code: 0 }, durationMs: 12.4 }
      return { ...ran, ...outcome } as RunOutcome | NotStarted
    },
    nudge: () => undefined,
  }
}

type Scripted = Partial<RunOutcome | NotStarted> & { readonly stdout?: string }

interface Api extends TestHttp {
  readonly asked: Action[]
  readonly approvals: ApprovalBook
  readonly taints: TaintBook
  ask(path: string, body?: unknown, token?: string): Promise<Response>
  /** From now on no event of this type can be written. */
  failAt(type: AuditEvent['type']): void
}

function api(run: (signal: AbortSignal) => Promise<Scripted> = async () => ({}), callsPerMinute = 100): Api {
  const http = testHttpApp()
  const asked: Action[] = []
  let failing: AuditEvent['type'] | undefined
  const approvals = approvalBook({
    who: { rolesOf: () => new Set(['oncall']), samePerson: () => 'different' },
  })
  const changes = new MemoryChanges()
  void changes.keep(change, undefined)
  const taints = taintBook()
  const bridge: Bridge = {
    audit: {
      problem: () => undefined,
      async append(...added) {
        if (added.some(({ type }) => type === failing)) throw new Error('no room')
        await http.audit.append(...added)
      },
    },
    hosts: { list: () => hosts, find: (name) => hosts.find((one) => one.name === name) },
    rules: () => undefined,
    approvals,
    executor: executor(asked, run),
    gate: new Gate({ callsPerMinute }),
    running: new RunningCalls(),
    redactor: redactorOf(),
    secrets: secretBook(),
    auditReader: smallAudit,
    recordings: smallShelf,
    replays: { replay: async () => ({ kind: 'rules_refused', problems: ['rules:1:1: no'] }) },
    taints,
    locks: lockParts().book,
    budgets: budgetBook(),
    observer: { finished: () => undefined },
    clock: http.deps.clock,
    commands: commandBook({ clock: http.deps.clock }),
    changes,
    limits: { answerBytes: 10_000, fanOut: { maxHosts: 100, maxParallel: 10 } },
  }
  mountApi(http.app, {
    bridge,
    limits: () => ({ waitMs: 45_000, timeoutMs: 60_000, maxTimeoutMs: 600_000 }),
    oauth: () => testOAuth,
    version: '1.2.3',
  })
  return {
    ...http,
    asked,
    approvals,
    taints,
    failAt: (type) => {
      failing = type
    },
    async ask(path, body, token = 'good') {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return http.app.request(`http://localhost/api/v1/${path}`, { headers, ...post })
    },
  }
}

const waitingCall = {
  id: `call_${'A'.repeat(22)}`,
  principal: user,
  action: { kind: 'run', host: hostName('web-server'), command: 'reboot', timeoutMs: 1, waitMs: 1 },
  edge: 'rest',
  receivedAt: new Date(0),
} as const
const waitingDecision = {
  verdict: 'approve',
  rule: 'ask-first',
  understood: ['reboot'],
  terms: { approvers: ['oncall'], count: 1, expiresAfterMs: 3_600_000, selfApprove: false },
} as const

const uptime = { host: 'web-server', command: 'uptime' }

describe('REST', () => {
  test('lists the hosts with what the caller may do there, and no address', async () => {
    const response = await api().ask('hosts')
    expect(await response.json()).toEqual({
      hosts: [
        {
          name: 'db-server',
          description: 'A host',
          tags: ['prod'],
          execution_mode: 'shell',
          required_scopes: ['mcp:execute', 'mcp:admin'],
          may_run: false,
          missing_scopes: ['mcp:admin'],
          may: [],
          sudo: false,
          terminal: false,
        },
        expect.objectContaining({
          name: 'web-server',
          may_run: true,
          missing_scopes: [],
          may: [...ACTION_CLASSES],
        }),
      ],
      count: 2,
    })
  })

  test('runs a command and answers with the members of the original and more', async () => {
    const { ask, asked, events } = api()
    const response = await ask('execute', uptime)
    expect(await response.json()).toEqual({
      host: 'web-server',
      command: 'uptime',
      output: 'up 3 days\n',
      success: true,
      command_id: expect.stringMatching(/^cmd_[A-Za-z0-9_-]{22}$/),
      state: 'completed',
      exit_status: 0,
      stdout: 'up 3 days\n',
      stderr: '',
      signal: null,
      outcome: 'exited',
      duration_ms: 12,
      truncated: false,
      stdout_bytes: 10,
      stderr_bytes: 0,
      redactions: 0,
      control_sequences: 0,
    })
    expect(asked).toEqual([{ kind: 'run', ...uptime, waitMs: 45_000, timeoutMs: 60_000 }])
    expect(events.map(({ type }) => type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'call.finished',
    ])
    expect(events[0]).toMatchObject({ call: { edge: 'rest', principal: { email: 'user@example.com' } } })
  })

  test('passes on the session, the directory and the time limit', async () => {
    const { ask, asked } = api()
    await ask('execute', { ...uptime, session: 'ses_1', working_directory: '/tmp', timeout_seconds: 1.5 })
    expect(asked).toEqual([
      {
        kind: 'run',
        ...uptime,
        session: 'ses_1',
        workingDirectory: '/tmp',
        waitMs: 45_000,
        timeoutMs: 1_500,
      },
    ])
  })

  test.each<[string, Scripted, object]>([
    [
      'a failed command',
      { end: { how: 'exited', code: 3 } },
      { success: false, exit_status: 3, outcome: 'exited' },
    ],
    ['a killed command', { end: { how: 'killed', signal: 'KILL' } }, { exit_status: null, signal: 'KILL' }],
    [
      'a command over time',
      { end: { how: 'timed_out', afterMs: 5, remote: { state: 'stopped', processGroup: 42, by: 'TERM' } } },
      {
        outcome: 'timed_out',
        success: false,
        remote: { state: 'stopped', process_group: 42, stopped_by: 'TERM' },
      },
    ],
    [
      'a command that may still run',
      { end: { how: 'timed_out', afterMs: 5, remote: { state: 'still_running', processGroup: 42 } } },
      { remote: { state: 'still_running', process_group: 42 } },
    ],
    [
      'a lost connection',
      { end: { how: 'unknown', reason: 'the connection was lost' } },
      { outcome: 'unknown', success: false, outcome_reason: 'the connection was lost' },
    ],
    [
      'a command that left the session as it was',
      { session: { id: 'ses_1', workingDirectory: '/', state: 'kept', reason: 'exec' } },
      { session: { id: 'ses_1', working_directory: '/', state: 'kept', reason: 'exec' } },
    ],
  ])('tells of %s as a result, not as an error', async (_, outcome, told) => {
    const response = await api(async () => outcome).ask('execute', uptime)
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining(told)])
  })

  test.each(['get', 'post'])('tells the working directory by %s', async (method) => {
    const { ask } = api()
    const response = await (method === 'get'
      ? ask('working-directory?host=web-server')
      : ask('working-directory', { host: 'web-server' }))
    expect(await response.json()).toEqual({ host: 'web-server', working_directory: '/srv', session: 'ses_1' })
  })

  test('closes a session, and says when there was none', async () => {
    const { ask } = api()
    const closed = await (await ask('close-session', { host: 'web-server' })).json()
    const none = await (await ask('close-session', { host: 'web-server', session: 'ses_9' })).json()
    expect([closed, none]).toMatchObject([
      { host: 'web-server', closed: true, success: true },
      { host: 'web-server', closed: false, success: true },
    ])
  })

  test("tells the caller's own sessions", async () => {
    expect(await (await api().ask('stats')).json()).toEqual({
      total_sessions: 1,
      sessions: [
        {
          kind: 'shell',
          session: 'ses_1',
          host: 'web-server',
          shell: 'bash',
          working_directory: '/srv',
          created_at: '2026-01-01T10:00:00.000Z',
          last_used_at: '2026-01-01T10:00:00.000Z',
          commands: 3,
        },
      ],
      connections: [{ host: 'web-server', connections: 1, running: 0 }],
      commands: [],
      limits: { max_sessions_per_host: 5, idle_timeout_seconds: 1800 },
    })
  })

  test('every result is what the document says', async () => {
    const { ask, approvals, taints } = api()
    const { command_id } = (await (await ask('execute', uptime)).json()) as { command_id: string }
    const waiting = await approvals.ask(waitingCall, waitingDecision)
    const { id, digest } = 'waiting' in waiting ? waiting.waiting.request : { id: '', digest: '' }
    const grant = await approvals.grants.add(waitingCall, waitingDecision, operator, 60_000)
    const mark = { host: hostName('web-server'), why: 'web-server: what curl printed' }
    const taint = taints.mark(waitingCall, mark)
    const say = { command_id: id, verdict: 'deny', digest, reason: 'no' }
    const asks: Record<string, () => Promise<Response>> = {
      get_command_output: () => ask(`commands/output?command_id=${command_id}&tail=5&wait_seconds=0.1`),
      cancel_command: () => ask('commands/cancel', { command_id }),
      run_on_hosts: () => ask('run-on-hosts', { hosts: ['*'], command: 'uptime' }),
      check_command: () => ask('check', { host: 'web-server', command: 'uptime' }),
      list_hosts: () => ask('hosts'),
      describe_host: () => ask('hosts/describe', { host: 'web-server', refresh: true }),
      execute_command: () => ask('execute', uptime),
      get_working_directory: () => ask('working-directory?host=web-server'),
      get_working_directory_by_post: () => ask('working-directory', { host: 'web-server' }),
      close_session: () => ask('close-session', { host: 'web-server' }),
      get_session_stats: () => ask('stats'),
      list_locks: () => ask('locks', undefined, 'operator'),
      add_lock: () => ask('locks', { on: { kind: 'host', host: 'db-server' } }, 'operator'),
      remove_lock: async () => ask('locks/remove', { id: await lockOf('lost', ask) }, 'operator'),
      list_approvals: () => ask('approvals?all=true', undefined, 'operator'),
      answer_approval: () => ask('approvals/answer', say, 'operator'),
      list_grants: () => ask('grants', undefined, 'operator'),
      revoke_grant: () => ask('grants/revoke', { grant_id: grant.id }, 'operator'),
      list_changes: () => ask('changes?limit=5'),
      undo_change: () => ask('changes/undo', { change_id: change.id }),
      search_audit: () => ask('audit?text=echo&limit=2', undefined, 'auditor'),
      read_audit_record: () => ask('audit/record?seq=3', undefined, 'auditor'),
      export_audit: () => ask('audit/export?after=2', undefined, 'auditor'),
      verify_audit: () => ask('audit/verify', undefined, 'auditor'),
      replay_rules: () => ask('rules/replay', { rules: '', since: '2026-01-01T00:00:00Z' }, 'both'),
      list_recordings: () => ask('recordings?person=user&limit=5', undefined, 'auditor'),
      read_recording: () => ask(`recordings/record?id=${keptRecording.id}`, undefined, 'auditor'),
      read_recording_cast: () => ask(`recordings/cast?id=${keptRecording.id}`, undefined, 'auditor'),
      list_taints: () => ask('taints', undefined, 'operator'),
      clear_taint: () => ask('taints/clear', { taint_id: taint?.id, reason: 'seen' }, 'operator'),
    }
    for (const { id, result } of OPERATIONS) {
      const answer = await asks[id]?.()
      expect(answer?.status, id).toBe(200)
      expect(result.strict().safeParse(await answer?.json()).error, id).toBeUndefined()
    }
  })
})

/** Locks somebody else and tells the id of the lock. */
async function lockOf(subject: string, ask: Api['ask']): Promise<string> {
  const on = { kind: 'person', issuer: 'https://idp.example.com/', subject }
  const answer = await (await ask('locks', { on, reason: 'lost laptop', for_seconds: 60 }, 'operator')).json()
  return (answer as { lock: { id: string } }).lock.id
}

describe('the audit over REST', () => {
  test('is read by auditors, who can run nothing; that they read it is on record', async () => {
    const { ask, events } = api()
    const found = await ask('audit?text=echo&limit=1&since=2026-01-01T00:00:00Z', undefined, 'auditor')
    expect(found.status).toBe(200)
    expect(await found.json()).toMatchObject({ records: [{ seq: 6, record: { type: 'audit.checkpoint' } }] })
    expect(events.map(({ type }) => type)).toContain('call.finished')
    const refused = await ask('execute', uptime, 'auditor')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: { code: 'insufficient_scope', missing_scopes: ['mcp:execute'] },
    })
    expect((await ask('audit/record?seq=999', undefined, 'auditor')).status).toBe(400)
  })

  test.each(['audit', 'audit/record?seq=1', 'audit/export', 'audit/verify'])(
    '%s is not for whoever may run commands',
    async (path) => {
      const refused = await api().ask(path)
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({
        error: { code: 'insufficient_scope', missing_scopes: ['mcp:audit'] },
      })
    },
  )
})

describe('recordings over REST', () => {
  const { id } = keptRecording

  test('are read by auditors, who can run nothing; who is given what one shows is on record before', async () => {
    const { ask, events } = api()
    const all = await (await ask('recordings', undefined, 'auditor')).json()
    expect(all).toMatchObject({ recordings: [{ id: lockedRecording.id, encrypted: true }, { id }] })
    const one = await ask(`recordings/record?id=${id}`, undefined, 'auditor')
    expect(await one.json()).toEqual({
      ...{ id, kind: 'command', call: keptRecording.call, host: 'web-server', name: 'user@example.com' },
      ...{ person: keptRecording.person, state: 'complete', encrypted: false, bytes: 30, pieces: 2 },
      ...{ started_at: '2026-01-01T10:00:00.000Z', ended_at: '2026-01-01T10:00:09.000Z' },
      ...{ sha256: 'ab'.repeat(32), stored_bytes: 20, stored_sha256: 'ab'.repeat(32) },
    })
    expect(events.map(({ type }) => type)).not.toContain('recording.read')

    type Page = { cast: string; next_after?: number }
    const pages: Page[] = []
    for (let after: number | undefined = 0; after !== undefined; after = pages.at(-1)?.next_after)
      pages.push(
        (await (await ask(`recordings/cast?id=${id}&after=${after}`, undefined, 'auditor')).json()) as Page,
      )
    expect(pages.map(({ next_after }) => next_after)).toEqual([1, 2, undefined])
    expect(pages.map(({ cast }) => cast).join('')).toBe('{"version":3}\n[0, "o", "up"]\n')
    const read = events.filter((event) => event.type === 'recording.read')
    expect(read).toHaveLength(3)
    const ofCalls = events.flatMap((event) =>
      event.type === 'call.received' && event.call.action.kind === 'read_recording_cast' ? event.call.id : [],
    )
    expect(read).toMatchObject(
      ofCalls.map((byCall) => ({ how: 'export', edge: 'rest', by: 'auditor@example.com', byCall })),
    )

    const refused = await ask('execute', uptime, 'auditor')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: { code: 'insufficient_scope', missing_scopes: ['mcp:execute'] },
    })
  })

  test('are not shown while that cannot be put on record', async () => {
    const { ask, events, failAt } = api()
    failAt('recording.read')
    const refused = await ask(`recordings/cast?id=${id}`, undefined, 'auditor')
    expect(await refused.json()).toMatchObject({ error: { code: 'audit_unavailable' } })
    expect(refused.status).toBe(503)
    expect(events.map(({ type }) => type)).not.toContain('recording.read')
  })

  test.each([
    [`cast?id=${lockedRecording.id}`, 409, 'recording_unreadable', 'its key is missing'],
    ['cast?id=rec_CCCCCCCCCCCCCCCCCCCCCC', 404, 'recording_not_found', 'no such recording'],
    ['record?id=rec_CCCCCCCCCCCCCCCCCCCCCC', 404, 'recording_not_found', 'no such recording'],
    ['record?id=1', 400, 'bad_request', 'id'],
    ['record', 400, 'bad_request', 'id'],
    [`cast?id=${id}&after=-1`, 400, 'bad_request', 'after'],
  ])('%s is %i', async (path, status, code, message) => {
    const refused = await api().ask(`recordings/${path}`, undefined, 'auditor')
    expect(refused.status).toBe(status)
    expect(await refused.json()).toMatchObject({ error: { code, message: expect.stringContaining(message) } })
  })

  test.each(['recordings', `recordings/record?id=${id}`, `recordings/cast?id=${id}`])(
    '%s is no reading matter of whoever may run commands',
    async (path) => {
      const { ask, events } = api()
      const refused = await ask(path)
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({
        error: { code: 'insufficient_scope', missing_scopes: ['mcp:audit'] },
      })
      expect(events.map(({ type }) => type)).not.toContain('recording.read')
      expect((await ask('execute', uptime)).status).toBe(200)
    },
  )
})

describe('locks over REST', () => {
  test('hold at once, are listed with who made them and why, and are lifted by their id', async () => {
    const { ask, events } = api()
    const id = await lockOf('u1', ask)
    const refused = await ask('execute', uptime)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: { code: 'locked', retry: false } })
    expect(await (await ask('locks', undefined, 'operator')).json()).toMatchObject({
      locks: [
        { id, on: { kind: 'person', subject: 'u1' }, reason: 'lost laptop', by: 'operator@example.com' },
      ],
    })
    expect((await ask('locks/remove', { id }, 'operator')).status).toBe(200)
    expect((await ask('execute', uptime)).status).toBe(200)
    expect((await ask('locks/remove', { id }, 'operator')).status).toBe(404)
    const decided = events.flatMap((event) =>
      event.type === 'call.decided' && event.decision.verdict === 'deny' ? [event.decision.reason.code] : [],
    )
    expect(decided).toEqual(['locked'])
  })

  test('are for operators: others are told which scope they lack, and nothing is locked', async () => {
    const { ask } = api()
    for (const [path, body] of [
      ['locks'],
      ['locks', { on: { kind: 'all' } }],
      ['locks/remove', { id: `lock_${'A'.repeat(22)}` }],
    ] as const) {
      const response = await ask(path, body)
      expect(response.status).toBe(403)
      expect(response.headers.get('WWW-Authenticate')).toContain('scope="mcp:operate"')
      expect(await response.json()).toMatchObject({ error: { code: 'insufficient_scope' } })
    }
    expect((await ask('execute', uptime)).status).toBe(200)
  })

  test('say exactly one thing, of a host or key that there is', async () => {
    const { ask } = api()
    const person = { kind: 'person', email: 'a@example.com' }
    for (const body of [
      {},
      { on: { kind: 'everything' } },
      { on: { ...person, subject: 'u1' } },
      { on: { kind: 'all', host: 'web-server' } },
      { on: { kind: 'host', host: 'nowhere' } },
      { on: { kind: 'api_key', name: 'nobody' } },
      { on: person, for_seconds: 0 },
      { on: person, until: 'tomorrow' },
    ]) {
      const response = await ask('locks', body, 'operator')
      expect([JSON.stringify(body), response.status]).toEqual([JSON.stringify(body), 400])
    }
    expect(await (await ask('locks', undefined, 'operator')).json()).toEqual({ locks: [] })
  })
})

describe('REST refuses', () => {
  test('a missing scope with a challenge that names all that is needed', async () => {
    const { ask, asked, events } = api()
    const response = await ask('execute', { ...uptime, host: 'db-server' })
    expect(response.status).toBe(403)
    expect(response.headers.get('WWW-Authenticate')).toBe(
      'Bearer resource_metadata="http://localhost/.well-known/oauth-protected-resource", error="insufficient_scope", ' +
        'error_description="This needs the scopes: mcp:execute mcp:admin", scope="mcp:execute mcp:admin"',
    )
    expect(await response.json()).toMatchObject({
      error: {
        code: 'insufficient_scope',
        required_scopes: ['mcp:execute', 'mcp:admin'],
        missing_scopes: ['mcp:admin'],
      },
    })
    expect(asked).toEqual([])
    expect(events).toMatchObject([
      { type: 'call.received' },
      { type: 'call.decided', decision: { verdict: 'deny' } },
    ])
  })

  test('an unknown host without saying more than that', async () => {
    const response = await api().ask('execute', { ...uptime, host: 'mail-server' })
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { code: 'host_not_found' } },
    ])
  })

  test('too many calls, and says when to come back', async () => {
    const { ask } = api(undefined, 1)
    await ask('hosts')
    const response = await ask('hosts')
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limited', retry: true } })
  })

  test('a host that cannot be reached as a failure of the host, with its code', async () => {
    const outcome = {
      kind: 'not_started',
      code: 'host_unreachable',
      message: 'web-server did not answer.',
    } as const
    const response = await api(async () => outcome).ask('execute', uptime)
    expect([response.status, await response.json()]).toEqual([
      502,
      { error: { code: 'host_unreachable', message: 'web-server did not answer.', retry: true } },
    ])
  })

  test('a call while the audit cannot be written', async () => {
    const http = api()
    http.audit.append = () => Promise.reject(new Error('ENOSPC'))
    const response = await http.ask('execute', uptime)
    expect([response.status, http.asked]).toEqual([503, []])
    expect(await response.text()).not.toContain('ENOSPC')
  })

  test.each<[string, unknown, string]>([
    ['an unknown field', { ...uptime, shell: 'bash' }, 'shell'],
    ['a misspelt field', { ...uptime, timeout: 5 }, 'timeout'],
    ['a missing field', { host: 'web-server' }, 'command'],
    ['a host that is no name', { ...uptime, host: 'root@192.0.2.10' }, 'host'],
    ['an empty command', { ...uptime, command: '' }, 'command'],
    ['a command with NUL', { ...uptime, command: 'a\0b' }, 'command'],
    ['a command that is no text', { ...uptime, command: ['uptime'] }, 'command'],
    ['a time limit of nothing', { ...uptime, timeout_seconds: 0 }, 'timeout_seconds'],
    ['a time limit over the configured one', { ...uptime, timeout_seconds: 601 }, 'timeout_seconds'],
    ['a time limit in words', { ...uptime, timeout_seconds: '5' }, 'timeout_seconds'],
    ['a directory with NUL', { ...uptime, working_directory: '/\0' }, 'working_directory'],
    ['a body that is a list', [uptime], 'the body'],
    ['a body that is null', null, 'the body'],
  ])('%s by its name, and nothing is asked of the pipeline', async (_, body, field) => {
    const { ask, asked, events } = api()
    const response = await ask('execute', body)
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    expect([response.status, error.code]).toEqual([400, 'bad_request'])
    expect(error.message).toContain(`${field}:`)
    expect([asked, events]).toEqual([[], []])
  })

  test('a body that is not JSON', async () => {
    const { app } = api()
    const response = await app.request('http://localhost/api/v1/execute', {
      method: 'POST',
      headers: { Authorization: 'Bearer good', 'Content-Type': 'application/json' },
      body: '{"host":',
    })
    expect(response.status).toBe(400)
  })

  test.each([
    ['an unknown parameter', 'working-directory?host=web-server&verbose=1', 'verbose'],
    ['a parameter given twice', 'working-directory?host=web-server&host=db-server', 'host'],
    ['a missing parameter', 'working-directory', 'host'],
    ['a token among the parameters', 'hosts?access_token=good', 'access_token'],
  ])('%s by its name', async (_, path, field) => {
    const response = await api().ask(path)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(`${field}:`)
  })

  test('the wrong method, and says the right one', async () => {
    const response = await api().ask('execute')
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST'])
  })

  test('everything to a caller without a token', async () => {
    const { app, asked } = api()
    for (const { path, method } of OPERATIONS)
      expect((await app.request(`http://localhost${path}`, { method })).status).toBe(401)
    expect(asked).toEqual([])
  })
})

test('a client that closes the connection cancels its command', async () => {
  let entered = () => undefined as unknown
  const isRunning = new Promise<void>((resolve) => {
    entered = resolve
  })
  let cancelled = () => undefined as unknown
  const wasCancelled = new Promise<void>((resolve) => {
    cancelled = resolve
  })
  const http = api(async (signal) => {
    entered()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    cancelled()
    return { end: { how: 'cancelled', remote: { state: 'stopped', processGroup: 7, by: 'TERM' } } }
  })
  const server = await listen(http)
  const leaving = new AbortController()
  const answer = fetch(`${server.url}/api/v1/execute`, {
    method: 'POST',
    headers: { Authorization: 'Bearer good', 'Content-Type': 'application/json' },
    body: JSON.stringify(uptime),
    signal: leaving.signal,
  }).catch(() => 'left')
  await isRunning
  leaving.abort()
  await wasCancelled
  expect(await answer).toBe('left')
  await server.close(1_000)
  expect(http.events.at(-1)).toMatchObject({ type: 'call.finished', result: { status: 'cancelled' } })
})
