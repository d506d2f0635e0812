import type { ComponentChildren } from 'preact'
import { BRIDGE, go } from '../place.ts'

/** A link to a page of the console; a click goes there without a new start, and everything else is left to the browser. */
export function Link({
  to,
  children,
  current,
  className,
  label,
}: {
  to: string
  children: ComponentChildren
  current?: boolean
  className?: string
  /** For screen readers, where the words alone do not say where it leads. */
  label?: string
}) {
  return (
    <a
      href={`${BRIDGE}/console${to}`}
      class={className}
      aria-current={current ? 'page' : undefined}
      aria-label={label}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
