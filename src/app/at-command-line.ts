import type { Config } from '../config/config.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { outlive, systemClock } from '../lib/clock.ts'
import { osPrincipal } from '../oauth/os-user.ts'
import { appendRowsTo, type Writer } from '../store/audit-append.ts'
import { auditRow } from '../store/audit-record.ts'
import { type Instance, registerInstance } from '../store/instance.ts'
import type { Database } from '../store/sql/database.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { type DatabasePlace, databasePlace } from './database-place.ts'

/**
 * The database of a configuration as a command uses it, whether a bridge runs or not. What is put on record makes the command an instance
 * of its own, for as long as it runs.
 */
export class AtCommandLine {
  readonly place: DatabasePlace
  readonly database: Database
  #instance: Promise<Instance> | undefined

  private constructor(place: DatabasePlace, database: Database) {
    this.place = place
    this.database = database
  }

  /** @throws UnusableDatabase; what opening the database throws. */
  static async open(config: Config): Promise<AtCommandLine> {
    const place = databasePlace(config)
    return new AtCommandLine(place, await openDatabase(config.storage.url, systemClock))
  }

  /** As whom it writes. */
  writer(): Promise<Writer> {
    this.#instance ??= registerInstance(this.database, systemClock)
    return this.#instance
  }

  /** Resolves once the events are durable. */
  async append(...events: readonly AuditEvent[]): Promise<void> {
    const append = appendRowsTo(this.database, await this.writer())
    await outlive(append(events.map((event) => auditRow(event))))
  }

  async close(): Promise<void> {
    await (await this.#instance)?.close()
    await this.database.close()
  }
}

/** Who types. */
export function here(): string {
  return `${osPrincipal().subject} at the command line`
}
