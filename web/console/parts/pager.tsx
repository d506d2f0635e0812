import { query, setQuery } from '../place.ts'

/** Which part of a long list is shown; `offset` of the address says it. */
export function Pager({ found, size, what }: { found: number; size: number; what: string }) {
  const offset = offsetOf()
  const to = (next: number) => {
    setQuery({ offset: next > 0 ? String(next) : undefined })
    document.getElementById('main')?.focus()
    scrollTo(0, 0)
  }
  const last = Math.min(found, offset + size)
  const count = (number: number) => number.toLocaleString('en')
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <span role="status">
        {found === 0 ? `No ${what}` : `${count(offset + 1)}–${count(last)} of ${count(found)} ${what}`}
      </span>
      {found > size && (
        <span class="pager-buttons">
          <button type="button" disabled={offset === 0} onClick={() => to(Math.max(0, offset - size))}>
            Previous
          </button>
          <button type="button" disabled={last >= found} onClick={() => to(offset + size)}>
            Next
          </button>
        </span>
      )}
    </nav>
  )
}

export function offsetOf(): number {
  const offset = Number(query.value.get('offset') ?? 0)
  return Number.isSafeInteger(offset) && offset > 0 ? offset : 0
}
