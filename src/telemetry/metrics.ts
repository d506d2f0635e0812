import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Answer } from '../domain/answer.ts'
import type { Observer } from '../pipeline/bridge.ts'

/** What `/metrics` asks of the running bridge at the moment of the scrape. */
export interface MetricsSources {
  readonly running: () => number
  readonly auditProblem: () => string | undefined
  readonly locks: () => number
}

export interface Metrics {
  readonly observer: Observer
  /** The Prometheus text exposition format 0.0.4. */
  text(): Promise<string>
}

/** Counts and durations by action and result. No label holds a host's address, a command or a person: cardinality stays small. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const calls = new Counter({
    name: 'ssh_mcp_bridge_calls_total',
    help: 'Calls answered, by edge, action and result.',
    labelNames: ['edge', 'action', 'result'],
    registers,
  })
  const seconds = new Histogram({
    name: 'ssh_mcp_bridge_call_duration_seconds',
    help: 'From the record that a call was received to its answer.',
    labelNames: ['action'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  })
  new Gauge({
    name: 'ssh_mcp_bridge_running_calls',
    help: 'Calls being carried out now.',
    registers,
    collect() {
      this.set(sources.running())
    },
  })
  new Gauge({
    name: 'ssh_mcp_bridge_locks',
    help: 'Locks in force.',
    registers,
    collect() {
      this.set(sources.locks())
    },
  })
  new Gauge({
    name: 'ssh_mcp_bridge_audit_writable',
    help: '1 while audit records can be written; at 0 nothing runs.',
    registers,
    collect() {
      this.set(sources.auditProblem() === undefined ? 1 : 0)
    },
  })

  return {
    observer: {
      finished({ edge, action }, answer, durationMs) {
        calls.inc({ edge, action: action.kind, result: resultLabel(answer) })
        seconds.observe({ action: action.kind }, durationMs / 1_000)
      },
    },
    text: () => registry.metrics(),
  }
}

function resultLabel(answer: Answer): string {
  if (answer.kind === 'denied') return answer.reason.code
  if (answer.kind === 'failed') return answer.code
  if (answer.kind !== 'ran') return 'completed'
  return answer.end.how === 'exited' && answer.end.code !== 0 ? 'failed' : answer.end.how
}
