/**
 * The value with every text in it replaced by what `change` makes of it, but for members of these names. Dates, sets and bytes stay. The same
 * object where nothing was changed.
 */
export function mapTexts<Value>(
  value: Value,
  but: ReadonlySet<string>,
  change: (text: string) => string,
): Value {
  const mapped = (item: unknown): unknown => {
    if (typeof item === 'string') return change(item)
    if (Array.isArray(item)) {
      const items = item.map(mapped)
      return items.every((one, index) => one === item[index]) ? item : items
    }
    if (!isPlain(item)) return item
    const entries = Object.entries(item).map(([key, one]) => [key, but.has(key) ? one : mapped(one)] as const)
    return entries.every(([key, one]) => one === item[key]) ? item : Object.fromEntries(entries)
  }
  return mapped(value) as Value
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
