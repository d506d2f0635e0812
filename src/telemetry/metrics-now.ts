import type { HostTotals } from '../domain/meter.ts'
import type { Declared } from './metrics-declared.ts'

/** How far what leaves the audit for other places is behind. */
export interface SinkLag {
  readonly name: string
  readonly waiting: number
  readonly lagMs: number
}

/** What `/metrics` asks of the running bridge at the moment of the scrape. */
export interface MetricsSources {
  readonly running: () => number
  readonly auditProblem: () => string | undefined
  readonly locks: () => number
  readonly databaseProblem: () => string | undefined
  readonly hosts: () => HostTotals
  readonly approvalsWaiting: () => number
  readonly recordingsOpen: () => number
  /** Of all instances that share the database. */
  readonly sessions: () => Promise<number>
  /** Instances that share the database and have not ended. */
  readonly instances: () => Promise<number>
  /** Records of the audit that no checkpoint covers yet. Absent: nothing signs. */
  readonly unsignedRecords?: () => number | Promise<number>
  readonly sinks?: () => Promise<readonly SinkLag[]>
}

/** What is true at the moment: read when it is asked for, so that keeping it costs a call nothing. */
export function declareGauges(own: Declared, sources: MetricsSources): void {
  const { hosts, sinks = async () => [] } = sources
  own.gauge('running_calls', 'Calls being carried out now, commands in the background among them.', () =>
    sources.running(),
  )
  own.gauge('waiting_calls', 'Calls that wait for a channel to their host.', () => hosts().waiting)
  own.gauge(
    'ssh_connections',
    'Connections to hosts: `busy`, `idle`, and those being made, `connecting`.',
    () => {
      const { busy, idle, connecting } = hosts()
      return { busy, idle, connecting }
    },
    'state',
  )
  own.gauge('ssh_channels', 'Channels in use on connections to hosts.', () => hosts().channels)
  own.gauge('shell_sessions', 'Shell sessions that are kept.', () => sources.sessions())
  own.gauge('terminals', 'Live terminals.', () => hosts().terminals)
  own.gauge('locks', 'Locks in force.', () => sources.locks())
  own.gauge('approvals_waiting', 'Calls that wait for the answer of people.', () =>
    sources.approvalsWaiting(),
  )
  own.gauge('recordings_open', 'Recordings being written now.', () => sources.recordingsOpen())
  own.gauge('audit_writable', '1 while audit records can be written; at 0 nothing runs.', () =>
    sources.auditProblem() === undefined ? 1 : 0,
  )
  own.gauge('audit_unsigned_records', 'Audit records that no signed checkpoint covers yet.', () =>
    sources.unsignedRecords?.(),
  )
  own.gauge(
    'sink_waiting_records',
    'Audit records that a sink has not taken yet, by the name of the sink.',
    async () => Object.fromEntries((await sinks()).map(({ name, waiting }) => [name, waiting])),
    'sink',
  )
  own.gauge(
    'sink_lag_seconds',
    'Age of the oldest audit record that a sink has not taken yet; 0 when it has all.',
    async () => Object.fromEntries((await sinks()).map(({ name, lagMs }) => [name, lagMs / 1_000])),
    'sink',
  )
  own.gauge('database_up', '1 while the database answers; at 0 nothing runs.', () =>
    sources.databaseProblem() === undefined ? 1 : 0,
  )
  own.gauge('instances', 'Instances that share the database and have not ended.', () => sources.instances())
}
