/** A session of the 2025 revisions of MCP as another instance can go on with it. */
export interface KeptClientSession {
  readonly id: string
  /** Who may use it: a principal, at one client. */
  readonly owner: string
  /** The request that opened it, as JSON. */
  readonly initialize: string
}

/** The sessions of all instances. Their ids are kept as digests: nobody who reads the database can use one. */
export interface ClientSessions {
  open(session: KeptClientSession): Promise<void>
  /** The request that opened it. Undefined for one that never was, has ended, was not used for `idleMs`, or is somebody else's. */
  find(id: string, owner: string, idleMs: number): Promise<string | undefined>
  /** It is used: noted once in a while. */
  touch(id: string): void
  /** Ends it in every instance. */
  end(id: string): Promise<void>
  /** Calls `end` for each of `ids` that was ended elsewhere, until `signal` aborts. */
  follow(ids: () => readonly string[], end: (id: string) => void, signal: AbortSignal): void
}
