import type { HostName } from '../../domain/host.ts'
import type { NotStarted, RunEnd, SessionAfter } from '../../domain/outcome.ts'
import type { SavedSession, SessionPlace } from '../../domain/session.ts'

/** Whose session on which host: by its handle, else the owner's default one there. */
export interface SessionAddress {
  /** `principalKey` of who asks. */
  readonly owner: string
  readonly host: HostName
  readonly session?: string
}

export type SessionRun =
  | {
      readonly kind: 'ended'
      readonly end: RunEnd
      readonly hostKey?: string
      readonly durationMs: number
      readonly session: SessionAfter
    }
  | NotStarted

export function placeOf({ owner, host, session }: SessionAddress): SessionPlace {
  return { owner, host, ...(session !== undefined && { id: session }) }
}

/** @param session as far as anything is known of it. */
export function neverStarted(place: SessionPlace, session: SavedSession | undefined): SessionRun {
  const reason = 'the session was still busy with an earlier command'
  const id = session?.id ?? place.id ?? ''
  return {
    kind: 'ended',
    end: { how: 'cancelled', remote: { state: 'not_begun', reason } },
    durationMs: 0,
    session: { id, workingDirectory: session?.workingDirectory ?? '', state: 'kept', reason },
  }
}
