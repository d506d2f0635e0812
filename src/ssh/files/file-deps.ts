import type { ChangeId, ChangeRecord } from '../../domain/change.ts'
import type { MayTouch } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { OpenSftp } from '../sftp/sftp.ts'
import type { Leftovers } from './leftovers.ts'
import type { Reaching } from './reach.ts'

export interface FileSettings {
  /** The most of one answer. */
  readonly readBytes: number
  /** The largest file that is written or edited as a whole. */
  readonly maxBytes: number
}

/** Keeps what one call replaces, so that it can be put back. */
export interface ChangeKeeper {
  keep(
    made: Pick<ChangeRecord, 'host' | 'path' | 'sudo' | 'before' | 'after'>,
    content: Buffer | undefined,
  ): Promise<Keeping>
}

/** What is known when a change is about to be made. */
export interface Keeping {
  /** Absent where the change will not be undone. */
  readonly changeId?: ChangeId
  /** Why not, for the caller. */
  readonly note?: string
  /** The change was not made after all. */
  forget(): Promise<void>
}

/** What the file tools need beside the action itself. */
export interface FileDeps {
  readonly openSftp: OpenSftp
  readonly settings: FileSettings
  readonly leftovers: Leftovers
  /** Of the call that is being carried out. */
  readonly keeper: ChangeKeeper
  /** Absent where no rules are configured. */
  readonly mayTouch: MayTouch | undefined
}

/** Who looks at files of a host, as long as somebody waits for it. */
export interface Looking extends Reaching {
  readonly signal: AbortSignal
}

/** One call while it is at work on a host. */
export interface FileWork extends Looking {
  readonly target: HostTarget
  readonly owner: string
  readonly sudo: boolean
  readonly deps: FileDeps
}
