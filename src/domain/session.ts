import type { HostName } from './host.ts'

/** The shell state that a principal carries from call to call on a host. `state` is opaque outside `ssh/`. */
export interface SavedSession {
  readonly id: string
  /** `principalKey` of its owner. */
  readonly owner: string
  readonly host: HostName
  /** Absent: the owner's default session on the host. */
  readonly name?: string
  readonly shell: string
  readonly workingDirectory: string
  readonly state: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly commands: number
}

/** Keeps sessions across restarts. Saving is atomic; a damaged record is dropped with a warning, never half read. */
export interface SessionStore {
  load(): Promise<readonly SavedSession[]>
  save(session: SavedSession): Promise<void>
  remove(id: string): Promise<void>
}
