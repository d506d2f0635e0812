import type { HostName } from './host.ts'

/** The shell state that a principal carries from call to call on a host. `state` is opaque outside `ssh/`. */
export interface SavedSession {
  readonly id: string
  /** `principalKey` of its owner. */
  readonly owner: string
  readonly host: HostName
  readonly name?: string
  readonly shell: string
  readonly workingDirectory: string
  /** Absent until a command has ended in it. */
  readonly state?: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly commands: number
}

/** Whose session on which host: by its id, else by its name, else the owner's default one there. */
export interface SessionPlace {
  readonly owner: string
  readonly host: HostName
  readonly id?: string
  readonly name?: string
}

/** A session while a call is in it: until then it is in no other call, in any instance, unless this instance ends before. */
export interface HeldSession {
  readonly session: SavedSession
  readonly until: Date
}

export interface SessionTerms {
  readonly now: Date
  /** One that was last used then or before is over. */
  readonly usedAfter: Date
  /** When a hold ends that nobody has ended. */
  readonly until: Date
}

/** Keeps sessions across restarts, for all instances. A damaged one is dropped with a warning, never half read. */
export interface SessionStore {
  find(place: SessionPlace, usedAfter: Date): Promise<SavedSession | undefined>
  /** The owner's own, oldest first. */
  list(owner: string, usedAfter: Date): Promise<readonly SavedSession[]>
  /** `busy`: another call is in it. */
  hold(place: SessionPlace, terms: SessionTerms): Promise<HeldSession | 'busy' | 'none'>
  /** A new one, held. `busy`: it was made in this moment; `full`: its owner has `most` on the host. */
  add(
    session: SavedSession,
    place: SessionPlace,
    terms: SessionTerms,
    most: number,
  ): Promise<HeldSession | 'busy' | 'full'>
  /** Keeps what has become of it and lets go. False: it was closed meanwhile, or the hold was over; nothing was kept. */
  save(held: HeldSession, session: SavedSession): Promise<boolean>
  /** A call that is in it goes on. False: there was none. */
  remove(id: string): Promise<boolean>
  /** Removes those that nobody has used since, and that no call is in. */
  sweep(usedAfter: Date, now: Date): Promise<void>
  /** Removes those of other hosts. */
  keepOnly(mayStay: (host: HostName) => boolean): Promise<void>
}
