import type { Assignment, Command, HereDoc, HereString, Redirection } from 'unbash'
import type { Word } from '../understanding.ts'
import { isBuiltin } from './builtins.ts'
import { changed, directoryChange, either, type Places, seenFrom, staying } from './directories.ts'
import { whyOpened } from './opened-places.ts'
import type { Plan, PlannedRedirect } from './plan.ts'
import { programParts } from './program-parts.ts'
import { redirectMeaning } from './redirects.ts'
import { wholeText } from './reentry.ts'
import type { Walk } from './walk.ts'
import { resolveWord } from './words.ts'

/** What the redirections of a command come to. */
export interface Redirects {
  readonly planned: readonly PlannedRedirect[]
  readonly reads: readonly string[]
  /** What is given to the standard input as a text. */
  readonly input?: string
  /** Why they cannot be written out. */
  readonly why?: string
}

/** A simple command: its assignments, its words, its redirections. */
export function walkCommand(walk: Walk, node: Command): Plan | undefined {
  const at = walk.parts.length
  const { places } = walk
  walk.count(node.prefix.length + node.suffix.length)
  const assignments = node.prefix.filter((each) => each.type === 'Assignment')
  const argv = words(node)
  for (const assignment of assignments) walkAssignment(walk, assignment)
  walk.words(node.name)
  for (const each of node.args)
    if (each.type === 'Word') walk.words(each)
    else walkAssignment(walk, each)
  const redirects = walkRedirects(walk, node.redirects)
  walk.places = places
  walk.ends = staying(places)
  // guard: assignments-are-never-read
  if (assignments.length > 0) walk.block('it sets a variable')
  if (argv.length === 0) {
    if (assignments.length === 0) walk.addOwn(at, node, 'it only opens files')
    else {
      // An index is calculated, and that may run what a variable holds.
      const isPlain = assignments.every(
        ({ value, index }) => index === undefined && value.type !== 'ArrayValue',
      )
      const setsOnly = isPlain && node.redirects.length === 0
      walk.addOwn(at, node, 'it sets a variable of the shell', setsOnly ? { startsNothing: true } : {})
    }
    return walk.block('it is not a program')
  }
  return redirected(walk, program(walk, argv, at), redirects, { at, places })
}

function words(node: Command): readonly Word[] {
  const all = node.name === undefined ? [] : [node.name, ...node.args]
  const argv = all.flatMap((each): readonly Word[] =>
    each.type === 'Word' ? resolveWord(each) : [{ kind: 'unknown', source: each.text }],
  )
  const [first, ...rest] = argv
  if (first?.kind !== 'text' || first.home) return argv
  // Of the shell's own words these two mean a program, which is what is run.
  if (first.text === ':') return [{ kind: 'text', text: 'true' }, ...rest]
  const [next] = rest
  const isProgram = next?.kind === 'text' && !next.text.startsWith('-')
  return first.text === 'command' && isProgram ? rest : argv
}

function program(walk: Walk, argv: readonly Word[], at: number): Plan | undefined {
  const text = wholeText(argv)
  if (text !== undefined) return nested(walk, argv, text)
  const [name] = argv
  if (name?.kind === 'text' && name.text === 'cd') return directory(walk, argv, at)
  const { parts, environment } = programParts(argv, walk.grammars, walk.partsOfText)
  walk.add(at, parts)
  const unknown = argv.find((word) => word.kind === 'unknown')
  if (unknown !== undefined) return walk.block(`it has a word that only the host knows: ${unknown.source}`)
  if (name?.kind !== 'text' || name.home) return walk.block('only the host knows which program it is')
  if (isBuiltin(name.text)) return walk.block(`${name.text} is the shell's own`)
  // To `env`, such a word is not the program.
  // guard: env-runs-the-program
  if (/^-|=/.test(name.text)) return walk.block(`${name.text} is not the name of a program`)
  return { kind: 'program', argv, environment }
}

/** `sh -c 'text'`, which is run as if the text stood here; `eval` in this shell, the others in one of their own. */
function nested(walk: Walk, argv: readonly Word[], text: string): Plan | undefined {
  const isOwnShell = argv[0]?.kind === 'text' && argv[0].text !== 'eval'
  const { places, mayChangePlace } = walk
  if (isOwnShell) walk.mayChangePlace = true
  const at = walk.parts.length
  const body = walk.text(text)
  if (isOwnShell) walk.ends = staying(places)
  walk.mayChangePlace = mayChangePlace
  if (body !== undefined) return { kind: 'group', body, isSubshell: isOwnShell }
  walk.add(at, [{ argv, class: 'run', why: 'it runs a text', loose: true }])
  return walk.block('it runs a text')
}

function directory(walk: Walk, argv: readonly Word[], at: number): Plan | undefined {
  const change = directoryChange(argv)
  if (change === undefined || !walk.mayChangePlace) {
    walk.add(at, [{ argv, class: 'run', why: 'only the host knows where it goes' }])
    return walk.block('only the host knows where it goes')
  }
  walk.add(at, [{ argv, class: 'read', reads: [change.path], readsBelow: false }])
  walk.ends = { ok: changed(walk.places, change.path), failed: walk.places }
  return { kind: 'cd', directory: change.directory }
}

function walkAssignment(walk: Walk, { value, index }: Assignment): void {
  walk.words(index)
  walk.words(...(value.type === 'ArrayValue' ? value.elements : [value]))
}

/** Walks over all of them; a file that is written, or anything seldom, ends up in `why`. */
export function walkRedirects(walk: Walk, redirections: readonly Redirection[]): Redirects {
  walk.count(redirections.length)
  const planned: PlannedRedirect[] = []
  const reads: string[] = []
  const hasSeveralInputs = redirections.filter(isInput).length > 1
  let input: string | undefined
  let why: string | undefined
  for (const each of redirections) {
    if (each.type === 'Redirect') {
      walk.words(each.target)
      const meaning = redirectMeaning(each)
      if (meaning.kind === 'other') why ??= meaning.why
      else planned.push(...meaning.redirects)
      if (meaning.kind === 'planned' && meaning.reads !== undefined) reads.push(meaning.reads)
    } else {
      const text = each.type === 'HereString' ? hereString(walk, each) : hereDocument(walk, each)
      if (text === undefined || hasSeveralInputs) why ??= 'its input is a text that only the host knows'
      input = text
    }
  }
  return { planned, reads, ...(input !== undefined && { input }), ...(why !== undefined && { why }) }
}

function isInput(each: Redirection): boolean {
  return each.type !== 'Redirect' || each.operator === '<'
}

function hereString(walk: Walk, { target, descriptor }: HereString): string | undefined {
  walk.words(target)
  const [word, ...more] = target === undefined ? [] : resolveWord(target)
  return descriptor === undefined && more.length === 0 && word?.kind === 'text' && !word.home
    ? `${word.text}\n`
    : undefined
}

function hereDocument(walk: Walk, { operator, body, delimiter, descriptor }: HereDoc): string | undefined {
  walk.wordParts(body.parts ?? [])
  const isPlain = delimiter?.quoted === true || !/[$`\\]/.test(body.text)
  return isPlain && operator === '<<' && descriptor === undefined ? body.text : undefined
}

/** The plan with its redirections. What they write, or what is not known of them, keeps it from being written out. */
export function redirected(
  walk: Walk,
  plan: Plan | undefined,
  redirects: Redirects,
  { at, places }: { readonly at: number; readonly places: Places },
): Plan | undefined {
  const { planned, reads, input, why } = redirects
  // guard: written-files-are-never-read
  if (why !== undefined) return walk.block(why)
  if (reads.length > 0) readsFrom(walk, at, reads, places)
  if (plan === undefined) return undefined
  const body: Plan = planned.length === 0 ? plan : { kind: 'redirected', body: plan, redirects: planned }
  if (input === undefined) return body
  // In a pipeline a `cd` would not last.
  // guard: no-cd-in-a-pipeline
  if (plan.kind === 'cd' || (plan.kind === 'group' && !plan.isSubshell))
    return walk.block('it gives a text to the shell itself')
  const given: Plan = { kind: 'program', argv: ['printf', '%s', input].map(text), environment: {} }
  return { kind: 'pipeline', stages: [given, body], isNegated: false }
}

function text(value: string): Word {
  return { kind: 'text', text: value }
}

/** Whatever may read the standard input reads the file that was opened for it. Where that is not there, nothing is run. */
function readsFrom(walk: Walk, at: number, reads: readonly string[], places: Places): void {
  const opened = seenFrom({ argv: [], class: 'read', reads }, places).reads ?? []
  const why = whyOpened(opened)
  if (why !== undefined) walk.block(why)
  const parts = walk.parts.splice(at)
  walk.parts.push(
    // guard: opened-files-are-read
    ...parts.map((part) => (part.reads ? { ...part, reads: [...part.reads, ...opened] } : part)),
  )
  walk.ends = { ...walk.ends, failed: either(walk.ends.failed, places) }
}
