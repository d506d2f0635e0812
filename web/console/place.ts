import { computed, signal } from '@preact/signals'

/** Where the bridge is served, without a slash at the end: empty unless a proxy gives it a path of its own. */
export const BRIDGE = new URL(import.meta.url).pathname.replace(/\/console\/.*$/, '')

const BASE = `${BRIDGE}/console`

const address = signal(new URL(location.href))
addEventListener('popstate', () => {
  address.value = new URL(location.href)
})

/** The parts of the path behind `/console`: `['approvals', 'cmd_…']`. */
export const place = computed(() =>
  address.value.pathname.slice(BASE.length).split('/').filter(Boolean).map(decodeURIComponent),
)

export const query = computed(() => address.value.searchParams)

/** Goes to a page of the console, `to` being what stands behind `/console`. */
export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(BASE + to, location.origin)
  if (url.href === location.href) return
  if (how === 'push') history.pushState(null, '', url)
  else history.replaceState(null, '', url)
  address.value = url
  if (how === 'push') scrollTo(0, 0)
}

/** Puts what a page was asked for into its address, so that it can be passed on. Empty values are left out. */
export function setQuery(values: Readonly<Record<string, string | undefined>>): void {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(values))
    if (value) url.searchParams.set(name, value)
    else url.searchParams.delete(name)
  go(url.pathname.slice(BASE.length) + url.search, 'replace')
}
