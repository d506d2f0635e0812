import { type Host, isHostName } from '../../domain/host.ts'
import { isPattern, parseGlob } from './glob.ts'

/** The longest name has 63 characters, the longest tag 64; a folded list of names may be longer. */
const MAX_SELECTOR_LENGTH = 1_024

/** What means hosts, in calls and in rules: `web-1`, `web-*`, `web-[01-20]`, `tag:prod`; with `!` in front it takes them out. */
export type Selector =
  | { readonly kind: 'name'; readonly text: string; readonly excludes: boolean; readonly name: string }
  | {
      readonly kind: 'pattern'
      readonly text: string
      readonly excludes: boolean
      readonly selects: (host: Pick<Host, 'name' | 'tags'>) => boolean
    }

/** Undefined when the text is none. */
export function parseSelector(text: string): Selector | undefined {
  if (text.length > MAX_SELECTOR_LENGTH) return undefined
  const excludes = text.startsWith('!')
  const rest = excludes ? text.slice(1) : text
  if (rest.startsWith('tag:')) {
    const wanted = rest.slice('tag:'.length)
    const fits = isPattern(wanted) ? parseGlob(wanted) : (tag: string) => tag === wanted
    if (wanted === '' || fits === undefined) return undefined
    return { kind: 'pattern', text, excludes, selects: ({ tags }) => tags.some(fits) }
  }
  if (!isPattern(rest)) return isHostName(rest) ? { kind: 'name', text, excludes, name: rest } : undefined
  const glob = parseGlob(rest)
  return glob && { kind: 'pattern', text, excludes, selects: ({ name }) => glob(name) }
}

type Selects = (selector: Selector, host: Pick<Host, 'name' | 'tags'>) => boolean

/** Whether the selectors together mean the host: one of them does, and none takes it out. */
export function selectsHost(
  selectors: readonly Selector[],
  host: Pick<Host, 'name' | 'tags'>,
  selects: Selects = fitsHost,
): boolean {
  let isMeant = false
  for (const selector of selectors) {
    const fits = selects(selector, host)
    if (fits && selector.excludes) return false
    isMeant ||= fits
  }
  return isMeant
}

/** Whether the selector names the host, to mean it or to take it out. */
export const fitsHost: Selects = (selector, host) =>
  selector.kind === 'name' ? selector.name === host.name : selector.selects(host)
