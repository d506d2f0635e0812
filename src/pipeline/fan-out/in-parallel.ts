/**
 * Does `work` for each item in order, `width` of them at a time. Before each, `mayGoOn` is asked: the first no ends it, and what is
 * under way is waited for. `work` must not reject.
 *
 * The next item is taken when one is over, not in rounds: one slow item holds back nothing but its own place.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  mayGoOn: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const place = async () => {
    while (next < items.length && mayGoOn()) {
      const item = items[next] as T
      next += 1
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, place))
}
