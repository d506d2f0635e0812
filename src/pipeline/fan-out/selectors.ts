import { parseSelector, type Selector } from '../../policy/hosts/selector.ts'

/** A list of selectors is searched through for every host, so there is an end to it. Names are looked up and cost nothing. */
const MAX_PATTERNS = 100

/** The selectors of a call, or in words which of them is none. */
export function parseSelectors(texts: readonly string[]): readonly Selector[] | string {
  const selectors: Selector[] = []
  for (const text of texts) {
    const selector = parseSelector(text)
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

function notASelector(text: string): string {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return `${shown} in hosts is no host name, pattern (web-*, web-[01-20]) or tag:NAME; ! in front takes hosts out.`
}
