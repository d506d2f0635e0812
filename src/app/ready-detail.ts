import { type Clock, withTimeout } from '../lib/clock.ts'
import type { Store } from './open-store.ts'
import { wireSink } from './sink-list.ts'

/** What one part tells operators about itself. */
export type DetailSource = () => unknown

/** How long a part may take; a database that hangs must not hold `/ready`. */
const ANSWER_MS = 2_000
const MOST_INSTANCES = 200

/** What `/ready` tells operators, by part. Each part is a line of its own; a part that cannot tell says why. */
export async function readyDetail(
  sources: Readonly<Record<string, DetailSource>>,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const late = new Error('no answer in time')
  const told = Object.entries(sources).map(async ([part, source]) => {
    const answer = await withTimeout(clock, ANSWER_MS, late, (signal) =>
      Promise.race([
        source(),
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(late))),
      ]),
    ).catch((cause: unknown) => ({ unknown: cause instanceof Error ? cause.message : String(cause) }))
    return [part, answer] as const
  })
  return Object.fromEntries(await Promise.all(told))
}

/** The database, who shares it, and where the audit ends. */
export function storeDetails({
  database,
  membership,
  audit,
  evidence,
  sinks,
}: Store): Readonly<Record<string, DetailSource>> {
  return {
    database: async () => {
      const [row] = await database.all<{ version: string }>(
        database.engine === 'sqlite'
          ? 'SELECT sqlite_version() AS version'
          : "SELECT current_setting('server_version') AS version",
      )
      return { engine: database.engine, version: row?.version, problem: database.problem() }
    },
    sinks: async () => (await sinks.status()).map((status) => wireSink({ name: status.name, status })),
    instance: () => membership.id,
    instances: async () => {
      const rows = await database.all<InstanceRow>(
        `SELECT id, process, started_at, seen_at, version, config FROM instances WHERE ended_at IS NULL ORDER BY started_at DESC LIMIT ${MOST_INSTANCES}`,
      )
      return rows.map(({ id, process, started_at, seen_at, version, config }) => ({
        ...{ id, process, version, config },
        started_at: new Date(started_at).toISOString(),
        seen_at: new Date(seen_at).toISOString(),
      }))
    },
    audit: async () => {
      const [head] = await database.all<{ seq: number; at: number; hash: string }>(
        'SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1',
      )
      const [first] = await database.all<{ seq: number }>('SELECT seq FROM audit ORDER BY seq LIMIT 1')
      const [signed] = await database.all<{ seq: number; at: number }>(
        "SELECT seq, at FROM audit WHERE type = 'audit.checkpoint' ORDER BY seq DESC LIMIT 1",
      )
      const last = head && { seq: head.seq, hash: head.hash, at: new Date(head.at).toISOString() }
      return {
        log: evidence.log,
        key: evidence.key().publicKey,
        first_seq: first?.seq ?? null,
        head: last ?? null,
        checkpoint: signed ? { seq: signed.seq, at: new Date(signed.at).toISOString() } : null,
        problem: audit.problem(),
      }
    },
  }
}

interface InstanceRow {
  readonly id: string
  readonly process: string
  readonly started_at: number
  readonly seen_at: number
  readonly version: string | null
  /** The same for all that decide alike. */
  readonly config: string | null
}

/** A part that keeps the bridge from taking calls, where it does. */
export function problem(part: string, text: string | undefined): { part: string; problem: string }[] {
  return text === undefined ? [] : [{ part, problem: text }]
}
