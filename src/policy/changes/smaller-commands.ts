import { optionsAndRedirections, smallEdits } from './command-edits.ts'
import { type Edit, edited, joined, sourceOf, stagesOf, type Unit, unitsOf } from './command-text.ts'

/** Alternatives of one pipeline: who reads more of them has a person to ask. */
const MOST_ALTERNATIVES = 2

/**
 * Smaller commands that `allows` says yes to, the one that leaves out least first: each pipeline of a list as it is, or with the smallest
 * thing left out that helps, or not at all. Each was asked as a whole. None where the text is not parsed. Never the text itself.
 */
export function smallerCommands(text: string, allows: (command: string) => boolean): readonly string[] {
  const units = unitsOf(text) ?? []
  const [only, ...more] = units
  if (only === undefined) return []
  if (more.length === 0) return take(allowedParts(only.text, allows), MOST_ALTERNATIVES)
  const kept = units.filter((unit) => allows(unit.text))
  const mended = units.flatMap((unit): Unit[] => {
    if (kept.includes(unit)) return [unit]
    const [first] = take(allowedParts(unit.text, allows), 1)
    return first === undefined ? [] : [{ ...unit, text: first }]
  })
  const candidates = [mended, kept].filter(({ length }) => length > 0).map(joined)
  return [...new Set(candidates)].filter((candidate) => candidate !== text && allows(candidate))
}

/** What is left of one pipeline with the smallest thing left out, tried one after the other. */
function* allowedParts(text: string, allows: (command: string) => boolean): Generator<string> {
  for (const candidate of parts(text)) {
    if (candidate !== '' && candidate !== text && allows(candidate)) yield candidate
  }
  const all = optionsAndRedirections(text)
  if (all.length > 1 && allows(edited(text, all))) yield edited(text, neededOf(text, all, allows))
}

function* parts(text: string): Generator<string> {
  for (const edit of smallEdits(text)) yield edited(text, [edit])
  const stages = stagesOf(text).map((stage) => sourceOf(stage, text))
  if (stages.length < 2) return
  for (const left of stages.keys()) yield stages.filter((_, index) => index !== left).join(' | ')
  for (let length = stages.length - 2; length > 0; length -= 1) yield stages.slice(0, length).join(' | ')
}

/** Of edits that help together, those that are needed for it. */
function neededOf(text: string, all: readonly Edit[], allows: (command: string) => boolean): readonly Edit[] {
  return all.reduce<readonly Edit[]>((needed, edit) => {
    const fewer = needed.filter((other) => other !== edit)
    return allows(edited(text, fewer)) ? fewer : needed
  }, all)
}

function take(candidates: Iterable<string>, most: number): readonly string[] {
  const taken = new Set<string>()
  for (const candidate of candidates) {
    taken.add(candidate)
    if (taken.size === most) break
  }
  return [...taken]
}
