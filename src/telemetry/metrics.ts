import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Meter } from '../domain/meter.ts'
import type { Observer } from '../pipeline/bridge.ts'
import { Declared } from './metrics-declared.ts'
import { meterMetrics } from './metrics-meter.ts'
import { declareGauges, type MetricsSources } from './metrics-now.ts'
import { resultLabel } from './observer.ts'

export interface Metrics {
  readonly observer: Observer
  /** To be told what takes its time inside the bridge. */
  readonly meter: Meter
  /** Somebody's credentials were looked at. `refused`: the stable reason, as the audit has it. */
  authenticated(tookMs: number, refused?: string): void
  /** The Prometheus text exposition format 0.0.4. */
  text(): Promise<string>
  /** Those of the bridge itself, as docs/METRICS.md lists them. */
  readonly described: () => Promise<readonly MetricDescription[]>
}

export interface MetricDescription {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

/** From the fastest answers to commands that are waited for. */
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const STAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300]

/** Counts and durations by action and result. No label holds a host, an address, a command or a person: cardinality stays small. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  // A look at the event loop each 10 ms, as is usual, would be half of what an idle bridge does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 })
  const own = new Declared(registry)
  const calls = own.counter('calls_total', 'Calls answered, by edge, action and result.', [
    'edge',
    'action',
    'result',
  ])
  const seconds = own.histogram(
    'call_duration_seconds',
    'From the record that a call was received to its answer.',
    CALL_BUCKETS,
    ['action'],
  )
  const stages = own.histogram(
    'stage_duration_seconds',
    'Parts of the way of a call: `authenticate`, `audit` (its records are durable), `decide`, `approval` (people are waited for), `connect` (until its host has begun it), `run`, `shape`, `record` (how it ended is durable).',
    STAGE_BUCKETS,
    ['stage'],
  )
  const refusals = own.counter(
    'auth_refusals_total',
    'Requests whose credentials were refused, by the reason that the audit has.',
    ['reason'],
  )
  declareGauges(own, sources)
  const meter = meterMetrics(own)

  return {
    observer: {
      finished({ edge, action }, answer, durationMs) {
        calls.inc({ edge, action: action.kind, result: resultLabel(answer) })
        seconds.observe({ action: action.kind }, durationMs / 1_000)
      },
      stage(_call, stage, startedMs, endedMs) {
        stages.observe({ stage }, (endedMs - startedMs) / 1_000)
      },
    },
    meter,
    authenticated(tookMs, refused) {
      stages.observe({ stage: 'authenticate' }, tookMs / 1_000)
      if (refused !== undefined) refusals.inc({ reason: refused })
    },
    text: () => registry.metrics(),
    described: () => own.described(),
  }
}
