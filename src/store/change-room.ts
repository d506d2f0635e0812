/** A kept change, as far as room is concerned. */
export interface Held {
  readonly id: string
  readonly owner: string
  readonly bytes: number
}

/**
 * Which changes have to go so that so many bytes fit: the oldest of whoever holds most, so that nobody's many changes push out another's
 * few.
 *
 * @param oldestFirst all that is held.
 */
export function toForgetFor(bytes: number, totalBytes: number, oldestFirst: readonly Held[]): string[] {
  const heldBy = new Map<string, Held[]>()
  const sums = new Map<string, number>()
  let left = totalBytes - bytes
  for (const held of oldestFirst) {
    const own = heldBy.get(held.owner) ?? []
    own.push(held)
    heldBy.set(held.owner, own)
    sums.set(held.owner, (sums.get(held.owner) ?? 0) + held.bytes)
    left -= held.bytes
  }
  const forgotten: string[] = []
  while (left < 0 && sums.size > 0) {
    const [most, sum] = [...sums].reduce((one, other) => (other[1] > one[1] ? other : one))
    const oldest = heldBy.get(most)?.shift()
    if (oldest === undefined) sums.delete(most)
    else {
      forgotten.push(oldest.id)
      sums.set(most, sum - oldest.bytes)
      left += oldest.bytes
    }
  }
  return forgotten
}
