import type { AuditLine, SinkPlace, SinkQueue, SinkStatus } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import type { Database } from './sql/database.ts'

/** An instance that was not heard of for so long feeds nothing any more; others wait less where it is known to have ended. */
export const LEASE_MS = 45_000
const LONGEST_FAULT = 500

/** The audit of the database as the sink of that name sees it, for one instance: another one after this process was declared lost. */
export function sinkQueue(
  database: Database,
  clock: Clock,
  sink: string,
  instance: { readonly id: string },
): SinkQueue {
  const now = () => clock.now().getTime()
  return {
    async hold() {
      const taken = await database.run(
        `INSERT INTO sink_cursors (sink, seq, holder, held_until) VALUES ($1, 0, $2, $3)
          ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
          WHERE sink_cursors.holder IS NULL OR sink_cursors.holder = excluded.holder OR sink_cursors.held_until < $4
            OR NOT EXISTS (SELECT 1 FROM instances WHERE id = sink_cursors.holder AND ended_at IS NULL)`,
        sink,
        instance.id,
        now() + LEASE_MS,
        now(),
      )
      if (taken === 0) return undefined
      const [place] = await database.scan<SinkPlace>(
        'SELECT seq, (SELECT COALESCE(MAX(seq), 0) FROM audit) AS head FROM sink_cursors WHERE sink = $1',
        sink,
      )
      return place
    },
    next: (after, most) =>
      database.scan<AuditLine>(
        `SELECT seq, at, type, line FROM audit WHERE seq > $1
          AND EXISTS (SELECT 1 FROM sink_cursors WHERE sink = $3 AND holder = $4) ORDER BY seq LIMIT $2`,
        after,
        most,
        sink,
        instance.id,
      ),
    async delivered(seq) {
      const kept = await database.run(
        'UPDATE sink_cursors SET seq = $1, held_until = $2 WHERE sink = $3 AND holder = $4',
        seq,
        now() + LEASE_MS,
        sink,
        instance.id,
      )
      return kept > 0
    },
    async tell(fault) {
      await database.run(
        'UPDATE sink_cursors SET fault = $1, fault_at = $2 WHERE sink = $3 AND holder = $4',
        fault?.slice(0, LONGEST_FAULT) ?? null,
        fault === undefined ? null : now(),
        sink,
        instance.id,
      )
    },
    async letGo() {
      await database.run(
        'UPDATE sink_cursors SET holder = NULL WHERE sink = $1 AND holder = $2',
        sink,
        instance.id,
      )
    },
  }
}

interface StatusRow {
  readonly sink: string
  readonly seq: number
  readonly holder: string | null
  readonly fault: string | null
  readonly fault_at: number | null
  readonly head: number
  readonly oldest: number | null
}

/** Every sink that was ever fed from this database, by name. */
export async function sinkStatuses(database: Database, clock: Clock): Promise<readonly SinkStatus[]> {
  const rows = await database.scan<StatusRow>(
    `SELECT s.sink, s.seq, s.fault, s.fault_at,
      (SELECT i.id FROM instances i WHERE i.id = s.holder AND i.ended_at IS NULL) AS holder,
      (SELECT COALESCE(MAX(a.seq), 0) FROM audit a) AS head,
      (SELECT a.at FROM audit a WHERE a.seq > s.seq ORDER BY a.seq LIMIT 1) AS oldest
      FROM sink_cursors s ORDER BY s.sink`,
  )
  const now = clock.now().getTime()
  return rows.map(({ sink, seq, holder, fault, fault_at: faultAt, head, oldest }) => ({
    name: sink,
    seq,
    lagRecords: Math.max(0, head - seq),
    lagMs: oldest === null ? 0 : Math.max(0, now - oldest),
    ...(holder !== null && { holder }),
    ...(fault !== null && { fault }),
    ...(faultAt !== null && { faultAt: new Date(faultAt) }),
  }))
}
