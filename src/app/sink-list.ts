import type { Config } from '../config/config.ts'
import type { SinkStatus, SinkTarget } from '../domain/sink.ts'
import { systemClock } from '../lib/clock.ts'
import { sinkStatuses } from '../store/sink-cursors.ts'
import { openDatabase } from '../store/sql/open-database.ts'

/** A sink that is configured, or was: of one that every machine has for itself, each machine's. */
export interface ListedSink {
  readonly name: string
  /** Absent: the configuration names it no more. */
  readonly kind?: SinkTarget['kind']
  /** Absent: it was never fed. */
  readonly status?: SinkStatus
}

/**
 * All sinks, in the order of the configuration, from the database: no bridge has to run.
 *
 * @throws what opening the database throws.
 */
export async function listSinks({ auditSinks, storage }: Config): Promise<readonly ListedSink[]> {
  const database = await openDatabase(storage.url, systemClock)
  try {
    const known = await sinkStatuses(database, systemClock)
    const configured = auditSinks.flatMap(({ name, kind }): ListedSink[] => {
      const own = known.filter((one) => baseName(one.name) === name)
      return own.length === 0 ? [{ name, kind }] : own.map((status) => ({ name: status.name, kind, status }))
    })
    const names = new Set(auditSinks.map(({ name }) => name))
    const others = known.filter((one) => !names.has(baseName(one.name)))
    return [...configured, ...others.map((status) => ({ name: status.name, status }))]
  } finally {
    await database.close()
  }
}

/** A sink as JSON tells it, here and in `/ready`. */
export function wireSink({ name, kind, status }: ListedSink) {
  return {
    name,
    ...(kind && { kind }),
    seq: status?.seq ?? 0,
    ...(status && { lag_records: status.lagRecords, lag_seconds: status.lagMs / 1_000 }),
    ...(status?.holder !== undefined && { instance: status.holder }),
    ...(status?.fault !== undefined && { fault: status.fault }),
    ...(status?.faultAt && { fault_at: status.faultAt.toISOString() }),
  }
}

/** Without the machine. */
function baseName(name: string): string {
  return name.split('@')[0] ?? name
}
