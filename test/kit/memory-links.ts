import type { EndedLink, KeptLink, LinkProgress, LinkStore } from '../../src/domain/transfer.ts'
import type { Clock } from '../../src/lib/clock.ts'

type Row = KeptLink & { progress: LinkProgress; use?: string | undefined }

const NEW: LinkProgress = { deliveredBytes: 0, sentBytes: 0, hasPart: false }

/** Links in memory, for one instance: what it holds it can hold anew. */
export function memoryLinks(clock: Clock): LinkStore {
  const rows = new Map<string, Row>()
  const isLive = ({ expiresAt }: Row) => expiresAt > clock.now()
  const take = (row: Row): EndedLink => {
    rows.delete(row.key)
    return { ...row, hasPart: row.progress.hasPart }
  }
  return {
    async add(link, most) {
      rows.set(link.key, { ...link, progress: NEW })
      return [...rows.values()].slice(0, Math.max(0, rows.size - most)).map(take)
    },
    find: async (key) => [...rows.values()].find((row) => row.key === key && isLive(row)),
    all: async () => [...rows.values()],
    async hold(key, use) {
      const row = rows.get(key)
      if (row === undefined || !isLive(row)) return 'gone'
      row.use = use
      return row.progress
    },
    isHeld: async (key, use) => rows.get(key)?.use === use,
    async release(key, use, progress) {
      const row = rows.get(key)
      if (row?.use === use) Object.assign(row, { progress, use: undefined })
    },
    async remove(key, use) {
      const row = rows.get(key)
      return row === undefined || (use !== undefined && row.use !== use) ? undefined : take(row)
    },
    removeExpired: async () => [...rows.values()].filter((row) => !isLive(row)).map(take),
    follow: () => undefined,
  }
}
