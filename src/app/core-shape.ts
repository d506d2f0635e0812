import type { Config } from '../config/config.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { ClientSessions } from '../domain/client-session.ts'
import type { Log } from '../domain/log.ts'
import type { HostTotals, Meter } from '../domain/meter.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import type { Bridge, Observer } from '../pipeline/bridge.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { SshExecutor } from '../ssh/executor-shape.ts'
import type { OwnedTerminal } from '../ssh/terminal/terminal-book.ts'
import type { Database } from '../store/sql/database.ts'
import type { OwnPeople } from './own-people.ts'
import type { DetailSource } from './ready-detail.ts'
import type { Recordings } from './recordings.ts'
import type { SeenPeople } from './seen-people.ts'
import type { Sinks } from './sinks.ts'

/** What every edge is given: the one way, and the configuration as it is now. */
export interface Core {
  readonly bridge: Bridge
  /** Single-use addresses of files; made once it is known where they are served. */
  readonly links: TransferLinks
  readonly clock: Clock
  readonly log: Log
  /** For requests that the bridge itself makes. */
  readonly fetch: Fetch
  /** What survives a restart. */
  readonly database: Database
  /** Copies of the audit in other places. */
  readonly sinks: Sinks
  /** Sessions of clients that any instance can go on with. */
  readonly sessions: ClientSessions
  /** Asked each time: a reload replaces it. */
  config(): Config
  /** The parts that keep the bridge from taking calls; empty when it is ready. */
  notReady(): readonly { readonly part: string; readonly problem: string }[]
  /** What `/ready` tells operators beside that; parts add their own. */
  readonly details: Record<string, DetailSource>
}

/** The core as its owner holds it: to change and to close. */
export interface OpenCore extends Core {
  readonly people: OwnPeople
  /** Who has used the bridge. */
  readonly seen: SeenPeople
  /** Writes an event that belongs to no call; a failure is logged, and the audit's own state keeps calls out. */
  note(event: AuditEvent): Promise<void>
  /** Tells `observer` of every call from now on, and `listening` of what takes its time inside. */
  observe(observer: Observer, listening?: Meter): void
  readonly recordings: Pick<Recordings, 'recorder'>
  /** What is known here of hosts without asking them. */
  readonly sights: Pick<SshExecutor, 'contactOf' | 'sightOf'>
  /** What is open towards the hosts now. */
  totals(): HostTotals
  /** Terminals of this instance that have not ended. */
  liveTerminals(): readonly OwnedTerminal[]
  /** As the others know it. */
  instance(): string
  /** Puts a configuration into force: running calls that it no longer allows are ended. Resolves to how many. */
  apply(next: Config): number
  /** Tells of configured addresses that are not asked, with what to write. */
  lookThrough(): Promise<void>
  /** Says where HTTP is served: links and requests for approval name it from then on. */
  serveAt(address: () => string): void
  /** Takes no more calls, lets running ones finish within `limits.shutdownMs`, ends the rest. */
  drain(): Promise<void>
  /** Ends the wait of `drain` for running calls: they are ended now. */
  hurry(): void
  /** After `drain`: closes connections and the audit. */
  close(): Promise<void>
}
