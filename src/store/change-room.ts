/** One kept file, as far as room and time are concerned. */
interface Held {
  readonly bytes: number
  readonly owner: string
  readonly atMs: number
}

/** What a file takes on a disk at least: many small ones must not go uncounted. */
const BLOCK_BYTES = 4_096

/** Who holds how much of what is kept, and what goes first. */
export class ChangeRoom {
  readonly #held = new Map<string, Held>()

  add(name: string, { bytes, owner, atMs }: Held): void {
    this.#held.set(name, { bytes: Math.max(bytes, BLOCK_BYTES), owner, atMs })
  }

  remove(name: string): void {
    this.#held.delete(name)
  }

  has(name: string): boolean {
    return this.#held.has(name)
  }

  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#held.keys()) if (!names.has(name)) this.#held.delete(name)
  }

  of(owner: string): string[] {
    return [...this.#held].filter(([, held]) => held.owner === owner).map(([name]) => name)
  }

  /** Those that are as old as `atMs` or older. */
  before(atMs: number): string[] {
    return [...this.#held].filter(([, held]) => held.atMs <= atMs).map(([name]) => name)
  }

  /**
   * Which files have to go so that so many bytes fit: the oldest of whoever holds most, so that nobody's many changes push out another's
   * few. Undefined where they would not fit into an empty directory.
   */
  toForgetFor(bytes: number, totalBytes: number): string[] | undefined {
    const needed = Math.max(bytes, BLOCK_BYTES)
    if (needed > totalBytes) return undefined
    const heldBy = new Map<string, number>()
    for (const held of this.#held.values()) heldBy.set(held.owner, (heldBy.get(held.owner) ?? 0) + held.bytes)
    let left = totalBytes - needed - sumOf(heldBy.values())
    if (left >= 0) return []
    const oldestFirst = [...this.#held].sort(([, one], [, other]) => one.atMs - other.atMs)
    const forgotten: string[] = []
    while (left < 0) {
      const [most = ''] = [...heldBy].reduce((one, other) => (other[1] > one[1] ? other : one))
      const at = oldestFirst.findIndex(([, { owner }]) => owner === most)
      const [[name, held] = ['', undefined]] = oldestFirst.splice(at, 1)
      if (held === undefined) break
      forgotten.push(name)
      heldBy.set(most, (heldBy.get(most) ?? 0) - held.bytes)
      left += held.bytes
    }
    return forgotten
  }
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0
  for (const each of numbers) sum += each
  return sum
}
