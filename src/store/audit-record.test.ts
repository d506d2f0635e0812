import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Action, Call } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import { hostName } from '../domain/host.ts'
import type { SecretHandle } from '../domain/secret.ts'
import { auditLine } from './audit-record.ts'

const at = new Date('2026-01-02T03:04:05Z')
const host = hostName('web-server')
const command = 'cmd_BBBBBBBBBBBBBBBBBBBBBB' as CommandId

function callOf(action: Action, more: Partial<Call> = {}): Call {
  const principal = {
    issuer: 'os',
    subject: 'user',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  return {
    id: 'call_AAAAAAAAAAAAAAAAAAAAAA',
    principal,
    action,
    edge: 'mcp_stdio',
    receivedAt: at,
    ...more,
  }
}

function recorded(action: Action, more: Partial<Call> = {}): Record<string, unknown> {
  return JSON.parse(auditLine({ type: 'call.received', at, call: callOf(action, more) }))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const run = { kind: 'run', host, command: 'uptime', timeoutMs: 1_000, waitMs: 500 } as const
const onFile = { host, path: '/etc/motd', sudo: true } as const

describe('an audit record', () => {
  test('holds no credential, wherever a caller wrote it', () => {
    const redact = (text: string) => text.replaceAll('hunter2', '[redacted]')
    const call = callOf({ ...run, command: 'echo hunter2', workingDirectory: '/srv/hunter2' })
    const line = auditLine({ type: 'call.received', at, call }, redact)
    expect(line).not.toContain('hunter2')
    expect(JSON.parse(line)).toMatchObject({
      command: 'echo [redacted]',
      working_directory: '/srv/[redacted]',
    })
  })

  test('of a command names how it is run, and the id by which its output is read', () => {
    expect(recorded({ ...run, sudo: true, detached: true, idempotencyKey: 'deploy-7' })).toMatchObject({
      command: 'uptime',
      command_id: 'cmd_AAAAAAAAAAAAAAAAAAAAAA',
      sudo: true,
      detached: true,
      idempotency_key: 'deploy-7',
      timeout_ms: 1_000,
    })
  })

  test('of a command that is given secrets names their handles', () => {
    const handle = 'secret:0123456789abcdef' as SecretHandle
    const secrets = [
      { as: { env: 'TOKEN' }, handle },
      { as: 'stdin', handle },
    ] as const
    expect(recorded({ ...run, secrets })).toMatchObject({
      secrets: ['env:TOKEN=secret:0123456789abcdef', 'stdin=secret:0123456789abcdef'],
    })
    expect(recorded(run)).not.toHaveProperty('secrets')
  })

  test('of a call made on behalf of another names that one', () => {
    expect(recorded(run, { parent: 'call_P' })).toMatchObject({ parent: 'call_P' })
    expect(recorded(run)).not.toHaveProperty('parent')
  })

  test('of a decision names what roles are matched on, once for a call', () => {
    const decision = { verdict: 'allow', rule: 'r' } as const
    const call = callOf(run)
    const lines = [
      auditLine({ type: 'call.received', at, call }),
      auditLine({ type: 'call.decided', at, call, decision }),
    ].map((line) => JSON.parse(line))
    expect(lines[0]).not.toHaveProperty('claims')
    expect(lines[1].claims).toEqual({ groups: [], roles: [], scopes: 'all' })
    const principal = { ...call.principal, groups: ['ops'], roles: ['dba'], scopes: new Set(['mcp:execute']) }
    const decided = JSON.parse(
      auditLine({ type: 'call.decided', at, call: { ...call, principal }, decision }),
    )
    expect(decided.claims).toEqual({ groups: ['ops'], roles: ['dba'], scopes: ['mcp:execute'] })
  })

  test('of a written file keeps length and digest, never the content', () => {
    const action: Action = {
      kind: 'write_file',
      ...onFile,
      content: Buffer.from('s3cret'),
      mode: 0o600,
      createOnly: true,
      createDirectories: false,
      dryRun: false,
    }
    expect(recorded(action)).toMatchObject({
      path: '/etc/motd',
      sudo: true,
      content_bytes: 6,
      content_sha256: sha256('s3cret'),
      mode: '0600',
      create_only: true,
    })
    const line = JSON.stringify(recorded(action))
    expect(line).not.toContain('s3cret')
    expect(line).not.toContain(Buffer.from('s3cret').toString('base64'))
    expect(line).not.toContain([...Buffer.from('s3cret')].join(','))
  })

  test.each([
    ['a patch', { by: 'patch', patch: '+s3cret' }, '+s3cret'],
    [
      'replacements',
      { by: 'replacements', edits: [{ oldText: 'old', newText: 's3cret', all: false }] },
      '[["old","s3cret",false]]',
    ],
  ] as const)('of a file edited by %s keeps length and digest, never the text', (_, change, digested) => {
    const record = recorded({ kind: 'edit_file', ...onFile, change, dryRun: true })
    expect(record).toMatchObject({
      by: change.by,
      content_bytes: digested.length,
      content_sha256: sha256(digested),
      dry_run: true,
    })
    expect(JSON.stringify(record)).not.toContain('s3cret')
  })

  test('of a terminal keeps what was typed, keys too', () => {
    const record = recorded({
      kind: 'use_terminal',
      host,
      session: 'term_1',
      input: [
        { kind: 'text', text: 'rm -rf /tmp/x' },
        { kind: 'key', key: 'Enter' },
      ],
      wait: { quietMs: 1, waitMs: 1 },
      read: 'screen',
    })
    expect(record).toMatchObject({ session: 'term_1', input: [{ text: 'rm -rf /tmp/x' }, { key: 'Enter' }] })
  })

  test('of output and of a cancellation names the command', () => {
    const read = { stream: 'output', from: { offset: 0 }, bytes: 1, waitMs: 0 } as const
    expect(recorded({ kind: 'get_command_output', command, ...read })).toMatchObject({ command_id: command })
    expect(recorded({ kind: 'cancel_command', command })).toMatchObject({ command_id: command })
  })

  test('of a transfer names both ends', () => {
    const from = { kind: 'host', ...onFile } as const
    const rest = { recursive: false, overwrite: false, resume: true, timeoutMs: 1 } as const
    expect(recorded({ kind: 'transfer_file', from, to: { kind: 'link' }, ...rest })).toMatchObject({
      from: { host: 'web-server', path: '/etc/motd', sudo: true },
      to: 'link',
    })
  })

  test('of a command that goes on, is taken up again, or was asked for twice names that command', () => {
    const call = callOf(run)
    const lines = [
      auditLine({ type: 'call.continued', at, call, command }),
      auditLine({ type: 'call.resumed', at, call, rule: 'r', command }),
      auditLine({
        type: 'call.finished',
        at,
        call,
        rule: 'r',
        result: { status: 'completed', repeats: command },
      }),
    ].map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({ type: 'call.continued', command_id: command })
    expect(lines[1]).toMatchObject({ type: 'call.resumed', command_id: command, rule: 'r' })
    expect(lines[2]).toMatchObject({ result: { repeats: command } })
  })
})
