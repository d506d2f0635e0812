import type { Standing } from '../domain/approval-record.ts'
import type { Call } from '../domain/call.ts'
import type { ChangeStore } from '../domain/change.ts'
import type { CommandId, OutputSink } from '../domain/command.ts'
import type { HostName, HostTarget } from '../domain/host.ts'
import type { HostContact, HostSight } from '../domain/host-sight.ts'
import type { Log } from '../domain/log.ts'
import type { HostTotals, Meter } from '../domain/meter.ts'
import type { LeftRunning, NotStarted, Outcome, RunOutcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import type { Progress } from '../domain/progress.ts'
import type { RevealedSecrets } from '../domain/secret.ts'
import type { SessionStore } from '../domain/session.ts'
import type { RecordTerminal } from '../domain/terminal-tape.ts'
import type { LinkMaker, LinkStreams } from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import type { FileSettings } from './files/file-deps.ts'
import type { PlacesOf } from './files/transfer-action.ts'
import type { PoolSettings } from './pool/pool.ts'
import type { OwnedTerminal } from './terminal/terminal-book.ts'

export interface ExecutorSettings extends PoolSettings {
  readonly files: FileSettings & { readonly transferBytes: number }
}

export interface ExecutorOptions {
  readonly targets: readonly HostTarget[]
  readonly settings: ExecutorSettings
  /** Where sessions are kept over a restart. */
  readonly sessionStore: SessionStore
  /** Where what file changes replace is kept. */
  readonly changes: ChangeStore
  /** Asked where something of a permitted call really is, before it is read or changed. Absent: no rules, ever. */
  readonly placesOf?: PlacesOf
  /** Where links to files are made; none are while it is absent. */
  readonly links?: LinkMaker
  /** Asked whenever something was locked, and at each clean-up: what is left on hosts is removed over a new connection. */
  readonly isLocked?: (what: Pick<Call, 'principal' | 'action'>) => boolean
  readonly meter?: Meter
  /** Absent: no terminal is recorded, ever. */
  readonly record?: RecordTerminal
  readonly clock: Clock
  readonly log: Log
}

export interface SshExecutor {
  /** Carries out what the permit allows and resolves with how it ended. Aborting `signal` ends what runs on the host first. */
  execute(permit: Permit, signal: AbortSignal, progress: Progress): Promise<Outcome>
  /** Runs a command, its output into `sink`, given `secrets`; or follows a detached one that an earlier process began. */
  run(
    permit: Permit,
    sink: OutputSink,
    how: 'begin' | 'resume',
    signal: AbortSignal,
    secrets?: RevealedSecrets,
  ): Promise<RunOutcome | NotStarted | LeftRunning>
  nudge(command: CommandId): void
  /** Whether the owner's terminal of this handle lives here. */
  holdsTerminal(owner: string, id: string): boolean
  readonly streams: LinkStreams
  /**
   * Takes a new configuration: connections whose way there changed get no new commands, sessions of hosts that are gone or keep none
   * now end.
   */
  reconfigure(targets: readonly HostTarget[], settings: ExecutorSettings): void
  /** Ends the terminals whose opening may not be asked any more. */
  endTerminals(isOver: (call: Call) => boolean): void
  /** Ends the terminals of what is locked with all that runs in them, then lets go of its connections. */
  lockOut(): void
  /** How the hosts of a call stand now, from what is known here: nothing is connected to. */
  standingOf(call: Call): Promise<Standing>
  /** What is known of a host without asking it. */
  contactOf(host: HostName): HostContact
  /** The same, with its facts and keys; undefined when it is not configured. */
  sightOf(host: HostName): Promise<HostSight | undefined>
  /** What is open now, of all callers together. */
  totals(): HostTotals
  /** Those of this process that have not ended, of all callers. */
  liveTerminals(): readonly OwnedTerminal[]
  /** Closes every connection. Commands that still run on hosts are not ended: the pipeline does that first. */
  close(): void
}
