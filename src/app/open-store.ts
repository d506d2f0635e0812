import { createHash } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Meter } from '../domain/meter.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Clock } from '../lib/clock.ts'
import { VERSION } from '../lib/version.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { type AppendRows, appendRowsTo } from '../store/audit-append.ts'
import { AuditStore } from '../store/audit-store.ts'
import { Membership } from '../store/membership.ts'
import type { Database } from '../store/sql/database.ts'
import { measured } from '../store/sql/measured.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { awaitDatabase } from './await-database.ts'
import { type Evidence, openEvidence } from './open-evidence.ts'
import { SeenPeople } from './seen-people.ts'
import { openSinks, type Sinks } from './sinks.ts'
import { tellOfRecords } from './tell-of-records.ts'

/** What survives a restart, of a bridge that runs. */
export interface Store {
  readonly database: Database
  /** This bridge among those that share the database; its `id` is another one after it was given up by them. */
  readonly membership: Membership
  readonly audit: AuditStore
  readonly evidence: Evidence
  readonly sinks: Sinks
  /** Who has used the bridge. */
  readonly seen: SeenPeople
  /** So many records were put into the database together with what they are about. */
  appended(records: number): void
  /** What was appended is written, and this instance is gone. */
  close(): Promise<void>
}

export interface StoreParts {
  readonly clock: Clock
  readonly log: Log
  /** Takes secrets out of what is remembered. */
  readonly redact: (text: string) => string
  /** For sinks that are asked over HTTP. */
  readonly fetch: Fetch
  /** Ends the waiting for the database. */
  readonly signal?: AbortSignal | undefined
  readonly meter?: Meter
}

/**
 * Opens the database of the configuration, waiting for one that is not there yet, and makes this instance known in it.
 *
 * @param config asked each time: a reload replaces it.
 * @throws UnusableDatabase; DatabaseAway after a minute.
 */
export async function openStore(
  config: () => Config,
  { clock, log, redact, fetch, signal, meter = {} }: StoreParts,
): Promise<Store> {
  const about = () => ({ version: VERSION, config: digestOf(config()) })
  const open = async () => {
    const database = measured(await openDatabase(config().storage.url, clock), meter, clock)
    const membership = await Membership.join(database, clock, about).catch(async (cause: unknown) => {
      await database.close()
      throw cause
    })
    return { database, membership }
  }
  const { database, membership } = await awaitDatabase(open, clock, log, signal)
  const tell = tellOfRecords(database, clock)
  const appendRows = timed(appendRowsTo(database, membership), meter, clock)
  const audit = new AuditStore(
    async (rows) => {
      const last = await appendRows(rows)
      appended(rows.length)
      tell(rows)
      return last
    },
    clock,
    redact,
    () => membership.isSure(),
  )
  const parts = { database, writer: membership, clock, log }
  const evidence = await openEvidence(config, parts).catch(async (cause: unknown) => {
    await membership.close().catch(() => undefined)
    await database.close()
    throw cause
  })
  const sinks = openSinks(config().auditSinks, { database, membership, clock, log, fetch })
  const appended = (records: number) => {
    evidence.checkpoints.appended(records)
    sinks.wake()
  }
  const seen = new SeenPeople(database, clock, log)
  return {
    database,
    membership,
    audit,
    evidence,
    sinks,
    seen,
    appended,
    async close() {
      await seen.close()
      await evidence.close()
      await audit.close()
      await sinks.close()
      await membership.close().catch(() => undefined)
      await database.close()
    },
  }
}

function timed(append: AppendRows, meter: Meter, clock: Clock): AppendRows {
  return async (rows) => {
    const startedMs = clock.monotonicMs()
    const last = await append(rows)
    meter.appended?.(rows.length, clock.monotonicMs() - startedMs)
    return last
  }
}

/** The same for instances that decide alike: over hosts and rules, of which no secret can be told from it. */
function digestOf({ hosts, rules }: Config): string {
  const decided = canonicalJson([hosts.map(({ host }) => host), rules?.version ?? null])
  return createHash('sha256').update(decided).digest('hex').slice(0, 16)
}
