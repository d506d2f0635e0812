import { MAX_DIGITS, paddedWidth, written } from '../../policy/hosts/number-list.ts'

/**
 * Names, with those that differ in one number folded into a pattern: `web-[01-20,22].eu`. Each entry is a selector that selects exactly
 * these names of whatever hosts there are. Sorted; expects no name twice.
 */
export function nameRanges(names: readonly string[]): string[] {
  const families = new Map<string, Family>()
  const named = names.map((name) => ({ name, places: placesIn(name, families) }))
  const entries: string[] = []
  for (const { name, places } of named) {
    // A name with several numbers goes where most others may go; among equals, by its last number.
    const best = places.reduce<Place | undefined>(
      (chosen, place) => (chosen && chosen.family.size > place.family.size ? chosen : place),
      undefined,
    )
    if (best === undefined) entries.push(name)
    else best.family.members.push(best.digits)
  }
  for (const { before, after, members } of families.values())
    if (members.length > 0) entries.push(`${before}${folded(members)}${after}`)
  return entries.sort()
}

/** Names that are alike but for one number. */
interface Family {
  readonly before: string
  readonly after: string
  /** How many names have such a number there. */
  size: number
  readonly members: string[]
}

interface Place {
  readonly family: Family
  readonly digits: string
}

function placesIn(name: string, families: Map<string, Family>): Place[] {
  return [...name.matchAll(/\d+/g)]
    .filter(([digits]) => digits.length <= MAX_DIGITS)
    .map(({ 0: digits, index }) => {
      const before = name.slice(0, index)
      const after = name.slice(index + digits.length)
      const key = `${before}\n${after}`
      const family = families.get(key) ?? { before, after, size: 0, members: [] }
      families.set(key, family)
      family.size += 1
      return { family, digits }
    })
}

/** `7` for one number, else a bracket with its runs. */
function folded(members: readonly string[]): string {
  const sorted = [...members].sort((a, b) => Number(a) - Number(b) || a.length - b.length)
  const runs: { readonly first: string; last: string }[] = []
  for (const digits of sorted) {
    const run = runs.at(-1)
    if (run && digits === written(Number(run.last) + 1, paddedWidth(run.first))) run.last = digits
    else runs.push({ first: digits, last: digits })
  }
  const parts = runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`))
  return sorted.length === 1 ? (sorted[0] ?? '') : `[${parts.join(',')}]`
}
