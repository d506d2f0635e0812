/** The engine's own search is fast, and takes time for each character of the text and of the part together: only for short parts. */
const SHORT = 32

/** Where the part is in the text, overlapping places too, in linear time whatever both are. */
export function placesOf(text: string, part: string): number[] {
  return part.length <= SHORT ? placesOfShort(text, part) : placesOfLong(text, part)
}

function placesOfShort(text: string, part: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) places.push(at)
  return places
}

/** Knuth, Morris and Pratt, Fast Pattern Matching in Strings (1977). */
function placesOfLong(text: string, part: string): number[] {
  // How much of the part's beginning also ends its first `index + 1` characters.
  const overlaps = new Uint32Array(part.length)
  let matched = 0
  const shorten = () => {
    matched = overlaps[matched - 1] ?? 0
  }
  for (let index = 1; index < part.length; index += 1) {
    while (matched > 0 && part.charCodeAt(index) !== part.charCodeAt(matched)) shorten()
    if (part.charCodeAt(index) === part.charCodeAt(matched)) matched += 1
    overlaps[index] = matched
  }
  const places: number[] = []
  matched = 0
  for (let at = 0; at < text.length; at += 1) {
    while (matched > 0 && text.charCodeAt(at) !== part.charCodeAt(matched)) shorten()
    if (text.charCodeAt(at) === part.charCodeAt(matched)) matched += 1
    if (matched < part.length) continue
    places.push(at + 1 - part.length)
    shorten()
  }
  return places
}

/** Those of ascending places that do not overlap the one before. */
export function apart(places: readonly number[], length: number): number[] {
  let end = 0
  return places.filter((at) => {
    if (at < end) return false
    end = at + length
    return true
  })
}

/** The text with each of `places`, which are apart, replaced. */
export function replacedAt(text: string, places: readonly number[], part: string, next: string): string {
  // Millions of short parts are no pieces of their own: the engine does without.
  if (part.length <= SHORT) return text.replaceAll(part, () => next)
  const pieces: string[] = []
  let from = 0
  for (const at of places) {
    pieces.push(text.slice(from, at))
    from = at + part.length
  }
  return [...pieces, text.slice(from)].join(next)
}

/** So many lines may still be compared. */
export interface Patience {
  comparisons: number
}

/** Whether the wanted lines stand at that place. False also when the patience is over, which is to be looked at. */
export function standsAt(
  lines: readonly string[],
  at: number,
  wanted: readonly string[],
  patience: Patience,
): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    patience.comparisons -= 1
    if (patience.comparisons < 0 || lines[at + index] !== wanted[index]) return false
  }
  return true
}
