/**
 * Does the work for every item, at most `limit` at a time, so that thousands of files do not take thousands of descriptors. Rejects
 * with the first failure, after which no further item is begun; those under way go on.
 */
export async function eachAtMost<T>(
  limit: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failed = false
  async function takeOn(): Promise<void> {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) await work(next.value)
  }
  const workers = Array.from({ length: limit }, () =>
    takeOn().catch((cause: unknown) => {
      failed = true
      throw cause
    }),
  )
  await Promise.all(workers)
}
