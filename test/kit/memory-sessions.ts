import type { HostName } from '../../src/domain/host.ts'
import type {
  HeldSession,
  SavedSession,
  SessionPlace,
  SessionStore,
  SessionTerms,
} from '../../src/domain/session.ts'

interface Kept {
  session: SavedSession
  readonly place: SessionPlace
  until: Date | undefined
}

/** Sessions kept in memory, as the database would keep them. */
export class MemorySessions implements SessionStore {
  readonly kept = new Map<string, Kept>()

  async find(place: SessionPlace, usedAfter: Date): Promise<SavedSession | undefined> {
    return this.#at(place, usedAfter)?.session
  }

  async list(owner: string, usedAfter: Date): Promise<readonly SavedSession[]> {
    const own = [...this.kept.values()].filter((kept) => kept.session.owner === owner)
    return own.filter((kept) => isUsed(kept, usedAfter)).map(({ session }) => session)
  }

  async hold(
    place: SessionPlace,
    { until, usedAfter }: SessionTerms,
  ): Promise<HeldSession | 'busy' | 'none'> {
    const kept = this.#at(place, usedAfter)
    if (kept === undefined) return 'none'
    if (kept.until !== undefined) return 'busy'
    kept.until = until
    return { session: kept.session, until }
  }

  async add(
    session: SavedSession,
    place: SessionPlace,
    { until, usedAfter }: SessionTerms,
    most: number,
  ): Promise<HeldSession | 'busy' | 'full'> {
    if (this.#at(place, usedAfter) !== undefined) return 'busy'
    const own = await this.list(session.owner, usedAfter)
    if (own.filter(({ host }) => host === session.host).length >= most) return 'full'
    this.kept.set(session.id, { session, place, until })
    return { session, until }
  }

  async save({ until }: HeldSession, session: SavedSession): Promise<boolean> {
    const kept = this.kept.get(session.id)
    if (kept?.until !== until) return false
    kept.session = session
    kept.until = undefined
    return true
  }

  async remove(id: string): Promise<boolean> {
    return this.kept.delete(id)
  }

  async sweep(usedAfter: Date): Promise<void> {
    for (const [id, { session, until }] of this.kept)
      if (until === undefined && session.lastUsedAt <= usedAfter) this.kept.delete(id)
  }

  async keepOnly(mayStay: (host: HostName) => boolean): Promise<void> {
    for (const [id, { session }] of this.kept) if (!mayStay(session.host)) this.kept.delete(id)
  }

  #at({ owner, host, id, name }: SessionPlace, usedAfter: Date): Kept | undefined {
    return [...this.kept.values()].find(
      ({ session, place, until }) =>
        isUsed({ session, until }, usedAfter) &&
        session.owner === owner &&
        session.host === host &&
        (id === undefined ? place.id === undefined && place.name === name : session.id === id),
    )
  }
}

function isUsed({ session, until }: Pick<Kept, 'session' | 'until'>, usedAfter: Date): boolean {
  return until !== undefined || session.lastUsedAt > usedAfter
}
