import { type Host, isHostName } from '../../domain/host.ts'
import { isPattern, parseGlob } from './glob.ts'

/** The longest name has 63 characters, the longest tag 64; a folded list of names may be longer. */
const MAX_SELECTOR_LENGTH = 1_024
/** A list of selectors is searched through for every host, so there is an end to it. Names are looked up and cost nothing. */
const MAX_PATTERNS = 100

/** One of the `hosts` of a call, understood. */
export type Selector =
  | { readonly kind: 'name'; readonly text: string; readonly excludes: boolean; readonly name: string }
  | {
      readonly kind: 'pattern'
      readonly text: string
      readonly excludes: boolean
      readonly selects: (host: Host) => boolean
    }

/** The selectors, or in words which of them is none. */
export function parseSelectors(texts: readonly string[]): readonly Selector[] | string {
  const selectors: Selector[] = []
  for (const text of texts) {
    const selector = text.length > MAX_SELECTOR_LENGTH ? undefined : parseSelector(text)
    if (selector === undefined) return notASelector(text)
    selectors.push(selector)
  }
  if (selectors.every(({ excludes }) => excludes))
    return 'hosts only takes hosts out. Name those to run on as well; "*" is all of them.'
  const patterns = selectors.filter(({ kind }) => kind === 'pattern').length
  return patterns > MAX_PATTERNS
    ? `hosts has ${patterns} patterns; at most ${MAX_PATTERNS} in one call.`
    : selectors
}

function parseSelector(text: string): Selector | undefined {
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

function notASelector(text: string): string {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return `${shown} in hosts is no host name, pattern (web-*, web-[01-20]) or tag:NAME; ! in front takes hosts out.`
}
