import type { ComponentChildren } from 'preact'
import type { Loaded } from '../loaded.ts'

/** What is loaded, or what is happening instead: said to screen readers too. `what` is the object of "Loading …". */
export function Show<T>({
  of: { value, isLoading, problem, isForOthers, again },
  what,
  children,
}: {
  of: Loaded<T>
  what: string
  children: (value: T) => ComponentChildren
}) {
  return (
    <>
      {problem !== undefined && isForOthers && <p class="empty">Not for you to see: {problem}</p>}
      {problem !== undefined && !isForOthers && (
        <div class="problem" role="alert">
          <p>{problem}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
      {value === undefined && isLoading && (
        <p class="loading" role="status">
          Loading {what}…
        </p>
      )}
      {value !== undefined && <div aria-busy={isLoading}>{children(value)}</div>}
    </>
  )
}

/** For a list with nothing in it: why, and what would be there. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}
