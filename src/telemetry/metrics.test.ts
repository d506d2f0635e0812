import { describe, expect, test } from 'vitest'
import { hostName } from '../domain/host.ts'
import { createMetrics } from './metrics.ts'
import type { MetricsSources } from './metrics-now.ts'

const SOURCES: MetricsSources = {
  running: () => 2,
  auditProblem: () => undefined,
  locks: () => 1,
  databaseProblem: () => 'database: away',
  hosts: () => ({ busy: 3, idle: 1, connecting: 2, channels: 7, waiting: 4, terminals: 6 }),
  approvalsWaiting: () => 8,
  recordingsOpen: () => 9,
  sessions: async () => 5,
  instances: async () => 3,
}

const PRINCIPAL = {
  issuer: 'https://idp.example.com',
  subject: 'alice@example.com',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: 'all',
} as const

describe('what is measured', () => {
  test('is what is true when it is asked for', async () => {
    const text = await createMetrics(SOURCES).text()
    for (const line of [
      'ssh_mcp_bridge_running_calls 2',
      'ssh_mcp_bridge_database_up 0',
      'ssh_mcp_bridge_audit_writable 1',
      'ssh_mcp_bridge_ssh_connections{state="busy"} 3',
      'ssh_mcp_bridge_ssh_connections{state="connecting"} 2',
      'ssh_mcp_bridge_waiting_calls 4',
      'ssh_mcp_bridge_approvals_waiting 8',
      'ssh_mcp_bridge_shell_sessions 5',
      'ssh_mcp_bridge_instances 3',
    ])
      expect(text).toContain(`${line}\n`)
  })

  test('is left out where nothing tells of it, or the one who would fails', async () => {
    const away = { ...SOURCES, instances: () => Promise.reject(new Error('away')) }
    const text = await createMetrics(away).text()
    expect(text).not.toMatch(/^ssh_mcp_bridge_instances /m)
    expect(text).not.toMatch(/^ssh_mcp_bridge_audit_unsigned_records /m)
    expect(text).toContain('ssh_mcp_bridge_running_calls 2\n')
  })

  test('names what takes its time, and nobody, no host and no command', async () => {
    const metrics = createMetrics({
      ...SOURCES,
      sinks: async () => [{ name: 'syslog', waiting: 7, lagMs: 1_500 }],
    })
    const action = {
      kind: 'run',
      host: hostName('web-1'),
      command: 'cat /etc/shadow',
      timeoutMs: 1,
      waitMs: 1,
    }
    const call = {
      id: 'call_1',
      principal: PRINCIPAL,
      action: action as Extract<typeof action, { kind: string }> & { kind: 'run' },
      edge: 'rest',
      receivedAt: new Date(0),
    } as const
    metrics.observer.stage?.(call, 'decide', 10, 12)
    metrics.observer.finished(call, { kind: 'failed', code: 'host_unreachable', message: 'web-1' }, 20)
    metrics.authenticated(3, 'token_expired')
    metrics.meter.statement?.('write', 4, false)
    metrics.meter.appended?.(5, 4)
    metrics.meter.connected?.('failed', 100)
    metrics.meter.recording?.('complete', 4_096)
    const text = await metrics.text()
    for (const line of [
      'ssh_mcp_bridge_stage_duration_seconds_count{stage="decide"} 1',
      'ssh_mcp_bridge_stage_duration_seconds_count{stage="authenticate"} 1',
      'ssh_mcp_bridge_auth_refusals_total{reason="token_expired"} 1',
      'ssh_mcp_bridge_database_failures_total{kind="write"} 1',
      'ssh_mcp_bridge_audit_records_total 5',
      'ssh_mcp_bridge_recording_stored_bytes_total 4096',
      'ssh_mcp_bridge_sink_lag_seconds{sink="syslog"} 1.5',
    ])
      expect(text).toContain(`${line}\n`)
    expect(text).toContain('result="host_unreachable"')
    expect(text).not.toMatch(/web-1|shadow|alice|idp\.example/)
  })
})
