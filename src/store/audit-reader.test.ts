import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Action, Call } from '../domain/call.ts'
import type { ChangeId, PlaceState } from '../domain/change.ts'
import type { CommandId } from '../domain/command.ts'
import type { Decision } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { PastDecision, UnreadableRecord } from '../domain/past-decision.ts'
import type { Principal } from '../domain/principal.ts'
import type { RecordingId } from '../domain/recording.ts'
import { type Period, readPastDecisions } from './audit-reader.ts'
import { auditLine } from './audit-record.ts'

const MiB = 1_048_576
const at = new Date('2026-01-02T03:04:05.678Z')
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'))
})

afterEach(() => rm(directory, { recursive: true }))

describe('the audit, read again', () => {
  test.each(Object.entries(actions()))(
    'tells of every %s what its rights depend on',
    async (_, arbitrary: fc.Arbitrary<Action>) => {
      await fc.assert(
        fc.asyncProperty(fc.array(calls(arbitrary), { minLength: 1, maxLength: 4 }), async (made) => {
          await write('2026-01-02', ...made.map((call) => decided(call, { verdict: 'allow', rule: 'r' })))
          const { decisions, unreadable } = await read()
          expect(unreadable).toEqual([])
          expect(decisions.map(({ call }) => call)).toEqual(made.map(asRemembered))
        }),
        { numRuns: 25 },
      )
    },
  )

  test('tells what was said, why, and what a rule on trial would have said', async () => {
    const missing = { code: 'insufficient_scope', missing: ['a'], required: ['a'] } as const
    const observed = { rule: 'trial', verdict: 'deny' } as const
    await write(
      '2026-01-02',
      decided(callOf(), { verdict: 'allow', rule: 'one', observed, tainted: 'a log' }),
      decided(callOf(), { verdict: 'deny', rule: 'two', reason: missing }),
      decided(callOf(), {
        verdict: 'approve',
        rule: 'three',
        terms: { approvers: ['leads'], count: 1, expiresAfterMs: 1, selfApprove: false },
      }),
    )
    const { decisions } = await read()
    expect(decisions).toMatchObject([
      { at, verdict: 'allow', rule: 'one', observed, tainted: 'a log' },
      { verdict: 'deny', rule: 'two', reason: 'insufficient_scope' },
      { verdict: 'approve', rule: 'three' },
    ])
  })

  test('says of a record without groups, roles and scopes that they are not known', async () => {
    const whole = decided(callOf(), { verdict: 'allow', rule: 'r' })
    const old = whole.replace(/"claims":\{[^}]*\},/, '')
    expect(old).not.toBe(whole)
    await write('2026-01-02', whole, old)
    const { decisions } = await read()
    expect(decisions.map(({ knowsClaims }) => knowsClaims)).toEqual([true, false])
  })

  test('goes by days, and takes of a day only what lies in the period', async () => {
    const on = (day: string) =>
      decided(callOf({ command: day }), { verdict: 'allow', rule: 'r' }).replaceAll('2026-01-02', day)
    for (const day of ['2026-01-03', '2026-01-01', '2026-01-02']) await write(day, on(day))
    const commands = async (period?: Period) =>
      (await read(period)).decisions.map(({ call }) => 'command' in call.action && call.action.command)
    expect(await commands()).toEqual(['2026-01-01', '2026-01-02', '2026-01-03'])
    expect(await commands({ since: at })).toEqual(['2026-01-02', '2026-01-03'])
    expect(await commands({ until: at })).toEqual(['2026-01-01'])
    const later = new Date(at.getTime() + 1)
    expect(await commands({ since: later })).toEqual(['2026-01-03'])
    expect(await commands({ until: later })).toEqual(['2026-01-01', '2026-01-02'])
  })

  test('says where a record was torn, or is of a version that is not known, and goes on behind it', async () => {
    const whole = decided(callOf(), { verdict: 'allow', rule: 'r' })
    await write(
      '2026-01-02',
      `${whole.slice(0, 200)}\n`,
      whole,
      whole.replace('"action":"run"', '"action":"dance"'),
      whole.replace('"claims":{', '"claims":[{').replace('}', '}}'),
      '\n',
      auditLine({ type: 'bridge.stopped', at, version: '0.1.0' }),
      '{}\n',
      whole.trimEnd().slice(0, -30),
    )
    const { decisions, unreadable } = await read()
    expect(decisions).toHaveLength(1)
    expect(unreadable.map(({ line, why }) => [line, why])).toEqual([
      [1, 'torn'],
      [3, 'not of this version'],
      [4, 'torn'],
      [8, 'torn'],
    ])
  })

  test('is no more than a piece at a time, however long a line is, and a character across two pieces stays whole', async () => {
    const whole = decided(callOf({ command: 'echo ü€😀' }), { verdict: 'allow', rule: 'r' })
    const path = join(directory, 'audit-2026-01-02.jsonl')
    await writeFile(path, '')
    await appendFile(path, `{"at":"${'x'.repeat(17 * MiB)}"}\n`)
    for (let index = 0; index < 20; index += 1) await appendFile(path, whole.repeat(500))
    const { decisions, unreadable } = await read()
    expect(unreadable).toEqual([{ file: 'audit-2026-01-02.jsonl', line: 1, why: 'longer than any record' }])
    expect(decisions).toHaveLength(10_000)
    expect(new Set(decisions.map(({ call }) => 'command' in call.action && call.action.command))).toEqual(
      new Set(['echo ü€😀']),
    )
  })

  test('of a directory that is not there is an error, not an empty past', async () => {
    await mkdir(join(directory, 'other'))
    expect((await read()).decisions).toEqual([])
    directory = join(directory, 'other')
    await rm(directory, { recursive: true })
    await expect(read()).rejects.toThrow('ENOENT')
    await mkdir(directory)
  })
})

async function write(day: string, ...lines: readonly string[]): Promise<void> {
  await writeFile(join(directory, `audit-${day}.jsonl`), lines.join(''))
}

async function read(period?: Period): Promise<{ decisions: PastDecision[]; unreadable: UnreadableRecord[] }> {
  const decisions: PastDecision[] = []
  const unreadable: UnreadableRecord[] = []
  for await (const piece of readPastDecisions({ directory }, period)) {
    decisions.push(...piece.decisions)
    unreadable.push(...piece.unreadable)
  }
  return { decisions, unreadable }
}

function decided(call: Call, decision: Decision): string {
  return auditLine({ type: 'call.decided', at, call, decision })
}

function callOf({ command = 'uptime' } = {}): Call {
  const principal: Principal = {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    method: 'oauth',
    groups: ['ops'],
    roles: [],
    scopes: new Set(['mcp:execute']),
  }
  const action = { kind: 'run', host: hostName('web'), command, timeoutMs: 1, waitMs: 0 } as const
  return { id: 'call_AAAAAAAAAAAAAAAAAAAAAA', principal, action, edge: 'rest', receivedAt: at }
}

/** What is not kept stands as nothing. */
function asRemembered(call: Call): Call {
  return { ...call, action: actionAsRemembered(call.action), receivedAt: at }
}

function actionAsRemembered(action: Action): Action {
  switch (action.kind) {
    case 'run':
      return { ...action, waitMs: 0 }
    case 'write_file':
      return { ...action, content: Buffer.alloc(0) }
    case 'edit_file':
      return {
        ...action,
        change: action.change.by === 'patch' ? { by: 'patch', patch: '' } : { by: 'replacements', edits: [] },
      }
    default:
      return action
  }
}

/** One of each. The compiler does not let an action go missing. */
function actions(): { readonly [Kind in Action['kind']]: fc.Arbitrary<Extract<Action, { kind: Kind }>> } {
  const text = fc.string({ unit: 'binary' })
  const host = fc.constantFrom(hostName('web-1'), hostName('db'))
  const command = fc.constant('cmd_AAAAAAAAAAAAAAAAAAAAAA' as CommandId)
  const count = fc.nat()
  const flag = fc.boolean()
  const place = { host, path: text, sudo: flag }
  const end = fc.oneof(
    fc.constant({ kind: 'link' } as const),
    fc.record({ kind: fc.constant('host' as const), ...place }),
  )
  const record = <Kind extends Action['kind'], T>(
    kind: Kind,
    required: { [K in keyof T]: fc.Arbitrary<T[K]> },
    optional: Record<string, fc.Arbitrary<unknown>> = {},
  ) => {
    const all = { kind: fc.constant(kind), ...required }
    return fc.record(
      { ...all, ...optional },
      { requiredKeys: Object.keys(all) as never },
    ) as unknown as fc.Arbitrary<Extract<Action, { kind: Kind }>>
  }
  const dryRun = flag
  const change = fc.constant('chg_AAAAAAAAAAAAAAAAAAAAAA' as ChangeId)
  const recording = fc.constant('rec_AAAAAAAAAAAAAAAAAAAAAA' as RecordingId)
  const placeState: fc.Arbitrary<PlaceState> = fc.oneof(
    fc.constant({ kind: 'absent' as const }),
    fc.record({ kind: fc.constant('file' as const), sha256: text, bytes: count, mode: fc.nat(0o7777) }),
  )
  const session = { session: text }
  const handle = fc.constant('secret:0123456789abcdef')
  return {
    list_hosts: record('list_hosts', {}),
    list_taints: record('list_taints', {}),
    clear_taint: record('clear_taint', { taint: text }, { reason: text }),
    get_session_stats: record('get_session_stats', {}),
    describe_host: record('describe_host', { host, refresh: flag }),
    run: record(
      'run',
      { host, command: text, timeoutMs: count, waitMs: count },
      {
        ...{
          ...session,
          workingDirectory: text,
          sudo: flag,
          detached: flag,
          idempotencyKey: text,
          reason: text,
        },
        secrets: fc.array(fc.record({ as: fc.constantFrom('stdin', { env: 'A_1' }), handle }), {
          minLength: 1,
        }),
      },
    ),
    run_on_hosts: record(
      'run_on_hosts',
      { hosts: fc.array(text), command: text, timeoutMs: count, deadlineMs: count, canary: count },
      { workingDirectory: text, sudo: flag, maxParallel: count, batchSize: count, stopAfterFailures: count },
    ),
    get_command_output: record('get_command_output', {
      command,
      stream: fc.constant('output'),
      from: fc.constant({ offset: 0 }),
      bytes: fc.constant(0),
      waitMs: fc.constant(0),
    }),
    check_command: record(
      'check_command',
      { host, command: text },
      { ...session, workingDirectory: text, sudo: flag },
    ),
    cancel_command: record('cancel_command', { command }),
    read_file: record('read_file', { ...place, encoding: fc.constant('auto') }),
    list_directory: record('list_directory', {
      ...place,
      sort: fc.constant('name'),
      descending: fc.constant(false),
      depth: count,
      offset: fc.constant(0),
      limit: fc.constant(0),
    }),
    write_file: record(
      'write_file',
      {
        ...place,
        content: text.map((content) => Buffer.from(content)),
        createOnly: flag,
        createDirectories: flag,
        dryRun,
      },
      { mode: fc.nat(0o7777), expectedSha256: text },
    ),
    edit_file: record(
      'edit_file',
      {
        ...place,
        change: fc.oneof(
          fc.record({ by: fc.constant('patch'), patch: text }),
          fc.constant({ by: 'replacements', edits: [{ oldText: 'a', newText: 'b', all: true }] }),
        ),
        dryRun,
      },
      { expectedSha256: text },
    ),
    restore_file: record('restore_file', {
      ...place,
      undoes: change,
      expected: placeState,
      before: placeState,
      dryRun,
    }),
    undo_change: record('undo_change', { change, dryRun }),
    list_changes: record('list_changes', { limit: count }),
    transfer_file: record('transfer_file', {
      from: end,
      to: end,
      recursive: flag,
      overwrite: flag,
      resume: flag,
      timeoutMs: count,
    }),
    get_working_directory: record('get_working_directory', { host }, session),
    open_session: record(
      'open_session',
      { host },
      { name: text, terminal: fc.constant({ columns: 80, rows: 24 }) },
    ),
    use_terminal: record('use_terminal', {
      host,
      ...session,
      input: fc.array(
        fc.oneof(
          fc.record({ kind: fc.constant('text'), text }),
          fc.record({ kind: fc.constant('key'), key: text }),
        ),
      ),
      wait: fc.constant({ waitMs: 0 }),
      read: fc.constant('screen'),
    }),
    close_session: record('close_session', { host }, session),
    list_approvals: record('list_approvals', { all: flag }),
    answer_approval: record(
      'answer_approval',
      { command, verdict: fc.constantFrom('approve' as const, 'deny' as const), digest: text },
      { reason: text, grantMs: count },
    ),
    confirm_command: record('confirm_command', { command, waitMs: fc.constant(0) }),
    list_grants: record('list_grants', {}),
    revoke_grant: record('revoke_grant', { grant: text }),
    search_audit: record('search_audit', { query: fc.constant({ limit: 0 }) }),
    read_audit_record: record('read_audit_record', { seq: count }),
    export_audit: record('export_audit', { after: count, limit: count }),
    verify_audit: record('verify_audit', {}),
    replay_rules: record('replay_rules', {
      text: fc.constant(''),
      since: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
      after: count,
    }),
    list_recordings: record('list_recordings', { filter: fc.constant({ limit: 0 }) }),
    read_recording: record('read_recording', { recording }),
    read_recording_cast: record('read_recording_cast', { recording, after: count }),
    list_locks: record('list_locks', {}),
    add_lock: record(
      'add_lock',
      {
        on: fc.oneof(
          fc.record({ kind: fc.constant('person'), email: text }),
          fc.record({ kind: fc.constant('person'), issuer: text, subject: text }),
          fc.record({ kind: fc.constant('client'), client: text }),
          fc.record({ kind: fc.constant('api_key'), name: text }),
          fc.record({ kind: fc.constant('host'), host }),
          fc.constant({ kind: 'all' }),
        ),
        reason: text,
      },
      { forMs: count },
    ),
    remove_lock: record('remove_lock', { lock: text }),
  }
}

function calls(action: fc.Arbitrary<Action>): fc.Arbitrary<Call> {
  const text = fc.string({ unit: 'binary' })
  const principal: fc.Arbitrary<Principal> = fc.record(
    {
      issuer: text,
      subject: text,
      method: fc.constantFrom('oauth', 'api_key', 'stdio', 'none'),
      groups: fc.array(text),
      roles: fc.array(text),
      scopes: fc.oneof(
        fc.constant('all' as const),
        fc.array(text).map((scopes) => new Set(scopes)),
      ),
      email: text,
      name: text,
      clientId: text,
    },
    { requiredKeys: ['issuer', 'subject', 'method', 'groups', 'roles', 'scopes'] },
  )
  return fc.record(
    {
      id: fc.constant('call_AAAAAAAAAAAAAAAAAAAAAA'),
      principal,
      action,
      edge: fc.constantFrom('mcp_stdio', 'mcp_http', 'mcp_sse', 'rest', 'cli'),
      receivedAt: fc.constant(at),
      parent: text,
      remoteAddress: text,
    },
    { requiredKeys: ['id', 'principal', 'action', 'edge', 'receivedAt'] },
  )
}
