import type { Meter } from '../domain/meter.ts'
import type { Declared } from './metrics-declared.ts'

const STATEMENT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const CONNECT_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Counts what the parts of the bridge tell of themselves. */
export function meterMetrics(own: Declared): Required<Meter> {
  const statements = own.histogram(
    'database_statement_duration_seconds',
    'Statements of the database, by kind: `read`, `write`, `transaction`, `scan`. Waiting for a turn is part of it.',
    STATEMENT_BUCKETS,
    ['kind'],
  )
  const failures = own.counter(
    'database_failures_total',
    'Statements of the database that failed, by kind. Some are no fault: a place that was taken is tried again.',
    ['kind'],
  )
  const appends = own.histogram(
    'audit_append_duration_seconds',
    'One write of audit records, until they are durable.',
    STATEMENT_BUCKETS,
  )
  const batches = own.histogram(
    'audit_batch_records',
    'Audit records that were written together.',
    BATCH_BUCKETS,
  )
  const records = own.counter('audit_records_total', 'Audit records that this instance has written.')
  const connects = own.histogram(
    'ssh_connect_duration_seconds',
    'Making a connection to a host, by result: `connected`, `failed`.',
    CONNECT_BUCKETS,
    ['result'],
  )
  const recordings = own.counter(
    'recordings_total',
    'Recordings by what became of them: `started`; `refused`, so that nothing was run; `complete`, `full`, `broken`, `cut`.',
    ['event'],
  )
  const recorded = own.counter('recording_stored_bytes_total', 'Bytes of recordings that were stored.')
  const spans = own.counter(
    'trace_spans_total',
    'Spans by what became of them: `sent`, or `dropped` because their collector did not take them.',
    ['result'],
  )

  return {
    spans: (result, count) => spans.inc({ result }, count),
    statement(kind, tookMs, isWell) {
      statements.observe({ kind }, tookMs / 1_000)
      if (!isWell) failures.inc({ kind })
    },
    appended(count, tookMs) {
      appends.observe(tookMs / 1_000)
      batches.observe(count)
      records.inc(count)
    },
    connected: (result, tookMs) => connects.observe({ result }, tookMs / 1_000),
    recording(event, storedBytes) {
      recordings.inc({ event })
      if (storedBytes > 0) recorded.inc(storedBytes)
    },
  }
}
